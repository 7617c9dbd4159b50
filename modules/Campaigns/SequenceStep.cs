using System.Globalization;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Campaigns.Templates;

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
    public required int StepOrder { get; set; }
    public required StepType StepType { get; init; }

    /// <summary>Null: one of the campaign's mailboxes.</summary>
    public Guid? EmailAccountId { get; set; }
    public Guid? TemplateId { get; set; }
    public string? SubjectOverride { get; set; }
    public string? FromNameOverride { get; set; }
    public int? WaitDurationHours { get; set; }
    public DateTimeOffset? WaitUntilDate { get; set; }
    public ConditionType? ConditionType { get; set; }

    /// <summary>A time to look back such as <c>3d</c>, <c>field=value</c>, or the least score.</summary>
    public string? ConditionValue { get; set; }

    /// <summary>Where a condition that is met leads; null: to the next step.</summary>
    public int? TrueStepOrder { get; set; }

    /// <summary>Where one that is not met leads; null: to the end.</summary>
    public int? FalseStepOrder { get; set; }

    /// <summary>Null: a follow-up goes to whoever has not replied.</summary>
    public SendCondition? SendCondition { get; set; }
    public bool IsActive { get; set; } = true;
    public int ExecutedCount { get; private set; }
    public DateTimeOffset? LastExecuted { get; private set; }

    /// <summary>When a wait that begins now ends.</summary>
    public DateTimeOffset WaitEnd(DateTimeOffset now) => WaitUntilDate ?? now.AddHours(WaitDurationHours ?? 0);

    /// <summary>Whether a condition on the lead itself is met; null for one on what becomes of an e-mail.</summary>
    public bool? IsMetBy(Lead lead) => ConditionType switch
    {
        PenguinMails.Campaigns.ConditionType.LeadAttribute => ConditionValue?.Split('=', 2) is [var field, var value]
            && string.Equals(MergeFields.Of(lead, null, "", "").ValueOf(field.Trim()), value.Trim(), StringComparison.OrdinalIgnoreCase),
        PenguinMails.Campaigns.ConditionType.LeadScore =>
            int.TryParse(ConditionValue, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var least) && lead.Score >= least,
        _ => null,
    };

    /// <summary>Until when a condition on an e-mail that was sent then may come true; null where none was.</summary>
    public DateTimeOffset? WindowEnd(DateTimeOffset? sent) => sent + (LookBack.Parse(ConditionValue) ?? TimeSpan.Zero);

    /// <summary>Where a condition leads; null: to the end, as does what would lead back, which might go round for ever.</summary>
    public int? Next(bool isMet) => (isMet ? TrueStepOrder ?? StepOrder + 1 : FalseStepOrder) is { } next && next > StepOrder ? next : null;

    /// <summary>What the step needs to know of, and only tracking tells: opens or clicks.</summary>
    public EventType? LooksFor(bool isFirstEmail) => (StepType, ConditionType, SendCondition) switch
    {
        (StepType.Condition, PenguinMails.Campaigns.ConditionType.EmailOpened, _) => EventType.Opened,
        (StepType.Condition, PenguinMails.Campaigns.ConditionType.EmailClicked, _) => EventType.Clicked,
        (StepType.Email, _, PenguinMails.Campaigns.SendCondition.Opened or PenguinMails.Campaigns.SendCondition.NotOpened) when !isFirstEmail => EventType.Opened,
        (StepType.Email, _, PenguinMails.Campaigns.SendCondition.Clicked or PenguinMails.Campaigns.SendCondition.NotClicked) when !isFirstEmail => EventType.Clicked,
        _ => null,
    };

    /// <summary>A copy for another campaign.</summary>
    public SequenceStep CopyTo(Guid campaignId, Guid id) => new()
    {
        Id = id,
        TenantId = TenantId,
        CampaignId = campaignId,
        StepOrder = StepOrder,
        StepType = StepType,
        EmailAccountId = EmailAccountId,
        TemplateId = TemplateId,
        SubjectOverride = SubjectOverride,
        FromNameOverride = FromNameOverride,
        WaitDurationHours = WaitDurationHours,
        WaitUntilDate = WaitUntilDate,
        ConditionType = ConditionType,
        ConditionValue = ConditionValue,
        TrueStepOrder = TrueStepOrder,
        FalseStepOrder = FalseStepOrder,
        SendCondition = SendCondition,
        IsActive = IsActive,
    };
}
