using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns.Features.Steps;

/// <param name="Weight">Its share among the step's variants; 0: nobody gets it any more.</param>
internal sealed record VariantResponse(Guid Id, string Name, Guid TemplateId, string? SubjectOverride, int Weight)
{
    public static VariantResponse Of(StepVariant variant) => new(variant.Id, variant.Name, variant.TemplateId, variant.SubjectOverride, variant.Weight);
}

/// <summary>One step of a campaign. Fields of the other types are null.</summary>
/// <param name="TrueStepOrder">Where a condition that is met leads; null: to the next step.</param>
/// <param name="FalseStepOrder">Where one that is not met leads; null: to the end.</param>
/// <param name="SendCondition">As it holds: the first e-mail always goes, and a follow-up without a condition to whoever has not replied.</param>
internal sealed record StepResponse(
    Guid Id, int StepOrder, StepType StepType, Guid? EmailAccountId, Guid? TemplateId, string? SubjectOverride, string? FromNameOverride,
    int? WaitDurationHours, DateTimeOffset? WaitUntilDate, ConditionType? ConditionType, string? ConditionValue, int? TrueStepOrder,
    int? FalseStepOrder, SendCondition? SendCondition, bool IsActive, int ExecutedCount, DateTimeOffset? LastExecuted,
    IReadOnlyList<VariantResponse> Variants)
{
    /// <summary>The steps of a campaign, in order.</summary>
    public static async Task<IReadOnlyList<StepResponse>> ListAsync(CampaignsDb db, Guid campaignId, CancellationToken ct)
    {
        var steps = await db.Steps.AsNoTracking().Where(step => step.CampaignId == campaignId).OrderBy(step => step.StepOrder).ToListAsync(ct);
        var ids = steps.Select(step => step.Id).ToList();
        var variants = (await db.Variants.AsNoTracking().Where(variant => ids.Contains(variant.StepId)).OrderBy(variant => variant.Id).ToListAsync(ct))
            .ToLookup(variant => variant.StepId);
        var first = steps.Find(step => step is { StepType: StepType.Email, IsActive: true });
        return [.. steps.Select(step => Of(step, step == first, variants[step.Id]))];
    }

    /// <summary>One of them.</summary>
    public static async Task<StepResponse> ReadAsync(CampaignsDb db, SequenceStep step, CancellationToken ct) =>
        (await ListAsync(db, step.CampaignId, ct)).Single(row => row.Id == step.Id);

    private static StepResponse Of(SequenceStep step, bool isFirstEmail, IEnumerable<StepVariant> variants) => new(
        step.Id, step.StepOrder, step.StepType, step.EmailAccountId, step.TemplateId, step.SubjectOverride, step.FromNameOverride,
        step.WaitDurationHours, step.WaitUntilDate, step.ConditionType, step.ConditionValue, step.TrueStepOrder, step.FalseStepOrder,
        step.StepType != StepType.Email ? null
            : isFirstEmail ? PenguinMails.Campaigns.SendCondition.Always
            : step.SendCondition ?? PenguinMails.Campaigns.SendCondition.NotReplied,
        step.IsActive, step.ExecutedCount, step.LastExecuted, [.. variants.Select(VariantResponse.Of)]);
}
