namespace PenguinMails.Infrastructure.Mail;

/// <summary>With STARTTLS the greeting comes before TLS.</summary>
internal enum OpeningStep
{
    Dns,
    Tcp,
    Tls,
    Greeting,
    Auth,
}

internal enum StepResult
{
    Ok,
    Failed,
    Skipped,
}

/// <param name="Advice">What to do about it; null where there is nothing to do.</param>
internal sealed record DiagnosisStep(OpeningStep Step, StepResult Result, string Message, string? Advice, int Milliseconds);

/// <summary>How far the opening of a connection came, step by step.</summary>
internal sealed record Diagnosis(bool Ok, int Milliseconds, IReadOnlyList<DiagnosisStep> Steps);

/// <summary>Why a server cannot be used.</summary>
/// <param name="Part">Which of its settings is to blame: host, security or password.</param>
/// <param name="Message">For people.</param>
internal sealed record OpeningFault(OpeningStep Step, string Part, string Message, string Advice);

/// <summary>What a test found.</summary>
/// <param name="Fault">Null: the server can be used.</param>
internal sealed record Finding(Diagnosis Diagnosis, OpeningFault? Fault)
{
    /// <summary>Of a mailbox that names no server where the platform has none for it.</summary>
    public static Finding NoServer()
    {
        var fault = new OpeningFault(OpeningStep.Dns, "host", "There is no default outgoing server: the mailbox must name one.", "Name one in smtp.");
        return new Finding(new Diagnosis(false, 0, [new DiagnosisStep(fault.Step, StepResult.Failed, fault.Message, fault.Advice, 0)]), fault);
    }
}
