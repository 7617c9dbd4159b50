namespace PenguinMails.Campaigns;

internal enum StepType
{
    Email,
    Wait,
    Condition,
}

/// <summary>One step of a campaign (table <c>campaign_sequence_steps</c>).</summary>
internal sealed class SequenceStep
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required Guid CampaignId { get; init; }
    public required int StepOrder { get; init; }
    public required StepType StepType { get; init; }

    /// <summary>Null: one of the campaign's mailboxes.</summary>
    public Guid? EmailAccountId { get; init; }
    public Guid? TemplateId { get; init; }
    public string? SubjectOverride { get; init; }
    public string? FromNameOverride { get; init; }
    public int? WaitDurationHours { get; init; }
    public DateTimeOffset? WaitUntilDate { get; init; }
    public bool IsActive { get; init; } = true;
    public int ExecutedCount { get; private set; }
    public DateTimeOffset? LastExecuted { get; private set; }

    /// <summary>When a wait that begins now ends.</summary>
    public DateTimeOffset WaitEnd(DateTimeOffset now) => WaitUntilDate ?? now.AddHours(WaitDurationHours ?? 0);
}
