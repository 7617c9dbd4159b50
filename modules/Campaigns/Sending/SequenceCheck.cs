using System.Globalization;
using PenguinMails.Campaigns.Templates;

namespace PenguinMails.Campaigns.Sending;

/// <summary>Rules for the steps of one campaign among each other.</summary>
internal static class SequenceCheck
{
    /// <summary>What is wrong with a condition's value; null for nothing.</summary>
    public static string? RefuseValue(ConditionType? type, string? value) => type switch
    {
        ConditionType.EmailOpened or ConditionType.EmailClicked or ConditionType.EmailReplied =>
            LookBack.Parse(value) is null ? "'conditionValue' is a time to look back, such as 3d or 12h, of at most a year." : null,
        ConditionType.LeadScore =>
            int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? null : "'conditionValue' is the least score, a whole number.",
        ConditionType.LeadAttribute => value?.Split('=', 2) is [var field, _] && IsField(field.Trim())
            ? null
            : "'conditionValue' is a field and its value, such as custom.city=Bern or company=Acme.",
        _ => "'conditionType' is missing.",
    };

    /// <summary>What is wrong with where a condition leads: it would go round for ever, or nowhere.</summary>
    public static string? RefuseTarget(SequenceStep condition, int? target) => target is { } order && order <= condition.StepOrder
        ? $"A condition leads only to later steps: step {order} does not come after step {condition.StepOrder}."
        : null;

    /// <summary>Conditions that ask for opens or clicks which the campaign does not track.</summary>
    public static string[] Untracked(Campaign campaign, IEnumerable<SequenceStep> steps)
    {
        var active = steps.Where(step => step.IsActive).OrderBy(step => step.StepOrder).ToList();
        var first = active.Find(step => step.StepType == StepType.Email);
        return
        [
            .. active.Select(step => step.LooksFor(step == first) switch
            {
                EventType.Opened when !campaign.TrackOpens => $"Step {step.StepOrder} asks who has opened: turn 'trackOpens' on.",
                EventType.Clicked when !campaign.TrackClicks => $"Step {step.StepOrder} asks who has clicked: turn 'trackClicks' on.",
                _ => null,
            }).OfType<string>(),
        ];
    }

    /// <summary>All that is wrong with conditions, in sentences for people.</summary>
    public static string[] Conditions(Campaign campaign, IReadOnlyList<SequenceStep> steps)
    {
        var orders = steps.Select(step => step.StepOrder).ToHashSet();
        var wrong = steps.Where(step => step is { IsActive: true, StepType: StepType.Condition }).OrderBy(step => step.StepOrder)
            .SelectMany(step => new[] { RefuseValue(step.ConditionType, step.ConditionValue) }
                .Concat(new[] { step.TrueStepOrder, step.FalseStepOrder }.Select(target => RefuseTarget(step, target) ?? RefuseMissing(orders, target)))
                .OfType<string>().Select(problem => $"Step {step.StepOrder}: {problem}"));
        return [.. wrong, .. Untracked(campaign, steps)];
    }

    private static string? RefuseMissing(HashSet<int> orders, int? target) =>
        target is { } order && !orders.Contains(order) ? $"it leads to step {order}, which there is not." : null;

    private static bool IsField(string name) => name.StartsWith("custom.", StringComparison.Ordinal) ? name.Length > "custom.".Length : LiquidTemplates.Variables.Contains(name);
}
