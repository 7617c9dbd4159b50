namespace PenguinMails.Campaigns;

internal enum StepType
{
    Email,
    Wait,
    Condition,
}

internal enum ConditionType
{
    EmailOpened,
    EmailClicked,
    EmailReplied,
    LeadAttribute,
    LeadScore,
}

/// <summary>What must be so, about the e-mail before, for a follow-up to be sent.</summary>
internal enum SendCondition
{
    Always,
    NotOpened,
    NotClicked,
    NotReplied,
    Opened,
    Clicked,
    Replied,
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
    public ConditionType? ConditionType { get; init; }

    /// <summary>A time to look back such as <c>3d</c>, <c>field=value</c>, or the least score.</summary>
    public string? ConditionValue { get; init; }

    /// <summary>Where a condition that is met leads; null: to the next step.</summary>
    public int? TrueStepOrder { get; init; }

    /// <summary>Where one that is not met leads; null: to the end.</summary>
    public int? FalseStepOrder { get; init; }

    /// <summary>Null: a follow-up goes to whoever has not replied.</summary>
    public SendCondition? SendCondition { get; init; }
    public bool IsActive { get; init; } = true;
    public int ExecutedCount { get; private set; }
    public DateTimeOffset? LastExecuted { get; private set; }

    /// <summary>When a wait that begins now ends.</summary>
    public DateTimeOffset WaitEnd(DateTimeOffset now) => WaitUntilDate ?? now.AddHours(WaitDurationHours ?? 0);
}
