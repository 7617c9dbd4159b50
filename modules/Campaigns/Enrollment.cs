namespace PenguinMails.Campaigns;

internal enum EnrollmentStatus
{
    Pending,
    Active,
    Paused,
    Completed,
    Exited,
}

internal enum ExitReason
{
    Replied,
    Bounced,
    Unsubscribed,
    Complained,
    Removed,
    Failed,
}

/// <summary>A lead's way through a campaign (table <c>campaign_leads</c>). It moves on only with a step's outcome.</summary>
internal sealed class Enrollment
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required Guid CampaignId { get; init; }
    public required Guid LeadId { get; init; }
    public EnrollmentStatus Status { get; private set; }
    public ExitReason? ExitReason { get; private set; }

    /// <summary>Sticky: follow-ups leave from where the first message left.</summary>
    public Guid? EmailAccountId { get; private set; }

    /// <summary>The step_order from which the next active step is taken.</summary>
    public int CurrentStep { get; private set; }
    public DateTimeOffset? NextRun { get; private set; }
    public Guid? LeaseOwner { get; private set; }
    public DateTimeOffset? LeaseUntil { get; private set; }
    public int Attempts { get; private set; }
    public string? ThreadMessageId { get; private set; }
    public string? LastMessageId { get; private set; }
    public string? ThreadSubject { get; private set; }

    /// <summary>The message that left last, and when.</summary>
    public Guid? LastEmailId { get; private set; }
    public DateTimeOffset? LastSent { get; private set; }

    /// <summary>A condition that looks for it has not been met yet: it comes true at once when it happens.</summary>
    public EventType? WaitsFor { get; private set; }
    public string? LastError { get; private set; }

    /// <summary>Holds the claim on; saving this fails when the claim was lost.</summary>
    public void HoldLease(DateTimeOffset until) => LeaseUntil = until;

    /// <summary>Passes a step by; the next one is due at <paramref name="due"/>.</summary>
    public void MoveOn(SequenceStep done, DateTimeOffset due)
    {
        Status = EnrollmentStatus.Active;
        CurrentStep = done.StepOrder + 1;
        Attempts = 0;
        Release(due, null);
    }

    /// <summary>A message of this step left: later ones answer it.</summary>
    public void Sent(SequenceStep step, EmailMessage message, DateTimeOffset now)
    {
        EmailAccountId = message.EmailAccountId;
        ThreadMessageId ??= message.MessageId;
        ThreadSubject ??= message.Subject;
        LastMessageId = message.MessageId;
        MoveOn(step, now);
    }

    /// <summary>Tries the same step again later.</summary>
    public void Postpone(DateTimeOffset due, string reason) => Release(due, reason);

    /// <summary>Tries again after a failure: 5 minutes, doubled each time, plus up to a fifth.</summary>
    public void Retry(DateTimeOffset now, string reason)
    {
        var delay = TimeSpan.FromMinutes(5 * Math.Pow(2, Math.Min(Attempts, 10)));
        Attempts++;
        Release(now + delay * (1 + Random.Shared.NextDouble() / 5), reason);
    }

    public void Complete()
    {
        Status = EnrollmentStatus.Completed;
        Release(null, null);
    }

    public void Exit(ExitReason reason, string? error = null)
    {
        Status = EnrollmentStatus.Exited;
        ExitReason = reason;
        Release(null, error);
    }

    /// <summary>Nobody knows whether the message left: a person decides.</summary>
    public void HoldInDoubt()
    {
        Status = EnrollmentStatus.Paused;
        Release(null, "in_doubt");
    }

    /// <summary>The person decided to send again.</summary>
    public void Resume(DateTimeOffset now)
    {
        Status = EnrollmentStatus.Active;
        Release(now, null);
    }

    private void Release(DateTimeOffset? nextRun, string? error)
    {
        NextRun = nextRun;
        LastError = error;
        LeaseOwner = null;
        LeaseUntil = null;
    }
}
