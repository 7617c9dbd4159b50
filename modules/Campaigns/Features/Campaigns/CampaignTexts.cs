using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Sending;

namespace PenguinMails.Campaigns.Features.Campaigns;

/// <summary>A campaign's active steps and the texts of them.</summary>
/// <param name="Steps">In order.</param>
internal sealed record CampaignTexts(
    IReadOnlyList<SequenceStep> Steps, ILookup<Guid, StepVariant> Variants, IReadOnlyDictionary<Guid, Template> Templates)
{
    public static async Task<CampaignTexts> ReadAsync(CampaignsDb db, Guid campaignId, CancellationToken ct)
    {
        var steps = await db.Steps.AsNoTracking().Where(row => row.CampaignId == campaignId && row.IsActive).OrderBy(row => row.StepOrder).ToListAsync(ct);
        var stepIds = steps.Select(step => step.Id).ToList();
        var variants = await db.Variants.AsNoTracking().Where(row => stepIds.Contains(row.StepId)).ToListAsync(ct);
        var ids = steps.Select(step => step.TemplateId).OfType<Guid>().Concat(variants.Select(variant => variant.TemplateId)).Distinct().ToList();
        return new CampaignTexts(
            steps,
            variants.ToLookup(variant => variant.StepId),
            await db.Templates.AsNoTracking().Where(row => ids.Contains(row.Id)).ToDictionaryAsync(row => row.Id, ct));
    }

    /// <summary>What a lead gets in an e-mail step.</summary>
    /// <returns>The variant, null for the step's own; the template; and the subject that is not the template's, null for none.</returns>
    public (StepVariant? Variant, Template Template, string? OwnSubject) Of(SequenceStep email, Guid leadId)
    {
        var variant = StableChoice.VariantOf(leadId, email.Id, Variants[email.Id]);
        return (variant, Templates[variant?.TemplateId ?? email.TemplateId!.Value], variant is null ? email.SubjectOverride : variant.SubjectOverride);
    }
}
