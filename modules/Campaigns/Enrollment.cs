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

    /// <summary>Passes a step by; the next one is due at <paramref name="due"/>.</summary>
    public void MoveOn(SequenceStep done, DateTimeOffset due) => GoTo(done.StepOrder + 1, due);

    /// <summary>Goes on with this step, or the first active one after it.</summary>
    public void GoTo(int stepOrder, DateTimeOffset due)
    {
        Status = EnrollmentStatus.Active;
        CurrentStep = stepOrder;
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
        LastEmailId = message.Id;
        LastSent = now;
        MoveOn(step, now);
    }

    /// <summary>Its next message leaves from this mailbox.</summary>
    public void Assign(Guid mailboxId) => EmailAccountId = mailboxId;

    /// <summary>Tries the same step again later.</summary>
    public void Postpone(DateTimeOffset due, string reason) => Release(due, reason);

    /// <summary>A condition has not come true so far: it is looked at again when it does, or its time is over.</summary>
    public void WaitFor(EventType what, DateTimeOffset until)
    {
        Release(until, null);
        WaitsFor = what;
    }

    /// <summary>Tries again after the recipient's server has put it off: 5 minutes, doubled each time, plus up to a fifth.</summary>
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
        WaitsFor = null;
    }
}
