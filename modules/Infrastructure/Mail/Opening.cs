using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MailKit;

namespace PenguinMails.Infrastructure.Mail;

/// <summary>One attempt to open a connection: it watches the conversation to know how far it came, and keeps nothing of it.</summary>
internal sealed class Opening(ServerSettings server, ServerTrust trust, TimeProvider clock) : IProtocolLogger
{
    private const string NotReached = "It did not come so far.";

    private readonly long _began = clock.GetTimestamp();
    private readonly Dictionary<OpeningStep, TimeSpan> _reached = [];
    private bool _asksForTls;

    public ServerSettings Server => server;

    /// <summary>The name or address that is dialled.</summary>
    public required string Place { get; init; }
    public CertificateFinding? Certificate { get; private set; }

    /// <summary>Whether it has come as far as to log in.</summary>
    public bool LogsIn { get; set; }

    [AllowNull]
    IAuthenticationSecretDetector IProtocolLogger.AuthenticationSecretDetector { get; set; } = null!;

    private bool IsTlsFirst => server.Security == MailSecurity.Tls || (server.Security == MailSecurity.Auto && server.Port is 465 or 993);

    /// <summary>What it waits for at the moment.</summary>
    public OpeningStep Pending =>
        LogsIn ? OpeningStep.Auth
        : !_reached.ContainsKey(OpeningStep.Tcp) ? OpeningStep.Tcp
        : (IsTlsFirst || _asksForTls) && Certificate is null ? OpeningStep.Tls
        : OpeningStep.Greeting;

    public void Reach(OpeningStep step) => _reached.TryAdd(step, clock.GetElapsedTime(_began));

    public bool Accept(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Certificate = trust.Judge(server.Host, certificate as X509Certificate2, chain, errors);
        Reach(OpeningStep.Tls);
        return Certificate.IsTrusted;
    }

    public Diagnosis ToDiagnosis(OpeningFault? fault)
    {
        OpeningStep[] order = IsTlsFirst
            ? [OpeningStep.Dns, OpeningStep.Tcp, OpeningStep.Tls, OpeningStep.Greeting, OpeningStep.Auth]
            : [OpeningStep.Dns, OpeningStep.Tcp, OpeningStep.Greeting, OpeningStep.Tls, OpeningStep.Auth];
        var (total, before) = (clock.GetElapsedTime(_began), TimeSpan.Zero);
        var steps = new List<DiagnosisStep>();
        foreach (var step in order)
        {
            var at = step == fault?.Step ? total : _reached.GetValueOrDefault(step, before);
            var spent = (int)Math.Max(0, (at - before).TotalMilliseconds);
            steps.Add(steps is [.., { Result: StepResult.Failed }] or [.., { Message: NotReached }]
                ? new DiagnosisStep(step, StepResult.Skipped, NotReached, null, 0)
                : step == fault?.Step ? new DiagnosisStep(step, StepResult.Failed, fault.Message, fault.Advice, spent) : Passed(step, spent));
            before = at;
        }

        return new Diagnosis(fault is null, (int)total.TotalMilliseconds, steps);
    }

    void IProtocolLogger.LogConnect(Uri uri)
    {
    }

    void IProtocolLogger.LogClient(byte[] buffer, int offset, int count) =>
        _asksForTls |= !LogsIn && buffer.AsSpan(offset, count).IndexOf("STARTTLS"u8) >= 0;

    void IProtocolLogger.LogServer(byte[] buffer, int offset, int count) => Reach(OpeningStep.Greeting);

    void IDisposable.Dispose()
    {
    }

    private DiagnosisStep Passed(OpeningStep step, int spent) => step switch
    {
        OpeningStep.Dns => Ok(step, $"{server.Host} is known.", spent),
        OpeningStep.Tcp => Ok(step, $"{server.Host}:{server.Port} answers.", spent),
        OpeningStep.Tls when Certificate is not null => Ok(step, Certificate.Words, spent),
        OpeningStep.Tls => new DiagnosisStep(step, StepResult.Skipped, "The connection is not encrypted.", "Choose starttls or tls where the server offers it.", 0),
        OpeningStep.Greeting => Ok(step, "The server greets as it should.", spent),
        OpeningStep.Auth when server.Username is null => new DiagnosisStep(step, StepResult.Skipped, "No user name is given, so nobody logs in.", null, 0),
        OpeningStep.Auth => Ok(step, "The log-in is accepted.", spent),
        _ => throw new InvalidOperationException($"No words for {step}."),
    };

    private static DiagnosisStep Ok(OpeningStep step, string message, int spent) => new(step, StepResult.Ok, message, null, spent);
}
