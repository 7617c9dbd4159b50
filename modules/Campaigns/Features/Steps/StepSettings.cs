using FluentValidation;

namespace PenguinMails.Campaigns.Features.Steps;

/// <summary>What a step does. What is absent stays as it is, or takes its default; fields of the other types are refused.</summary>
internal abstract record StepSettings
{
    public Guid? TemplateId { get; init; }

    /// <summary>Of an e-mail; zeros: one of the campaign's mailboxes, as where absent.</summary>
    public Guid? EmailAccountId { get; init; }

    /// <summary>Empty: the template's own.</summary>
    public string? SubjectOverride { get; init; }

    /// <summary>Empty: the mailbox's own.</summary>
    public string? FromNameOverride { get; init; }

    /// <summary>Of a wait: this, or a date.</summary>
    public int? WaitDurationHours { get; init; }
    public DateTimeOffset? WaitUntilDate { get; init; }
    public ConditionType? ConditionType { get; init; }

    /// <summary>A time to look back such as <c>3d</c> or <c>12h</c>, <c>field=value</c>, or the least score.</summary>
    public string? ConditionValue { get; init; }

    /// <summary>Where a condition that is met leads; 0 or absent: to the next step.</summary>
    public int? TrueStepOrder { get; init; }

    /// <summary>Where one that is not met leads; 0 or absent: to the end.</summary>
    public int? FalseStepOrder { get; init; }

    /// <summary>What must be so about the e-mail before; not_replied where absent.</summary>
    public SendCondition? SendCondition { get; init; }

    /// <summary>False: leads pass it by.</summary>
    public bool? IsActive { get; init; }

    public bool ChangesConditions => (ConditionType, ConditionValue, TrueStepOrder, FalseStepOrder, SendCondition) is not (null, null, null, null, null);

    public void ApplyTo(SequenceStep step)
    {
        step.TemplateId = TemplateId ?? step.TemplateId;
        step.EmailAccountId = EmailAccountId == Guid.Empty ? null : EmailAccountId ?? step.EmailAccountId;
        step.SubjectOverride = Changed(SubjectOverride, step.SubjectOverride);
        step.FromNameOverride = Changed(FromNameOverride, step.FromNameOverride);
        if ((WaitDurationHours, WaitUntilDate) is not (null, null))
        {
            (step.WaitDurationHours, step.WaitUntilDate) = (WaitDurationHours, WaitUntilDate?.ToUniversalTime());
        }

        step.ConditionType = ConditionType ?? step.ConditionType;
        step.ConditionValue = ConditionValue?.Trim() ?? step.ConditionValue;
        step.TrueStepOrder = Changed(TrueStepOrder, step.TrueStepOrder);
        step.FalseStepOrder = Changed(FalseStepOrder, step.FalseStepOrder);
        step.SendCondition = SendCondition ?? step.SendCondition;
        step.IsActive = IsActive ?? step.IsActive;
    }

    private static string? Changed(string? given, string? current) => given is null ? current : given.Length == 0 ? null : given;

    private static int? Changed(int? given, int? current) => given is null ? current : given == 0 ? null : given;
}

internal static class StepSettingsRules
{
    public static void AddStepRules<T>(this AbstractValidator<T> rules) where T : StepSettings
    {
        rules.RuleFor(request => request.SubjectOverride).MaximumLength(500).OneLine();
        rules.RuleFor(request => request.FromNameOverride).MaximumLength(100).OneLine();
        rules.RuleFor(request => request.WaitDurationHours).InclusiveBetween(1, 24 * 365);
        rules.RuleFor(request => request.WaitUntilDate).InclusiveBetween(new DateTimeOffset(2000, 1, 1, 0, 0, 0, default), new DateTimeOffset(2200, 1, 1, 0, 0, 0, default));
        rules.RuleFor(request => request.WaitDurationHours).Null().When(request => request.WaitUntilDate is not null)
            .WithMessage("A wait has either 'waitDurationHours' or 'waitUntilDate'.");
        rules.RuleFor(request => request.ConditionValue).MaximumLength(100);
        rules.RuleFor(request => request.TrueStepOrder).InclusiveBetween(0, 10_000);
        rules.RuleFor(request => request.FalseStepOrder).InclusiveBetween(0, 10_000);
    }
}
