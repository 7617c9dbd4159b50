using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns.Sending;

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

    /// <summary>Which of an e-mail step's texts a lead gets; null: the step's own.</summary>
    public StepVariant? VariantOf(SequenceStep email, Guid leadId) => StableChoice.VariantOf(leadId, email.Id, Variants[email.Id]);

    public Template TemplateOf(SequenceStep email, StepVariant? variant) => Templates[variant?.TemplateId ?? email.TemplateId!.Value];

    /// <summary>The subject that is not the template's, where there is one: it begins a thread of its own.</summary>
    public static string? SubjectOf(SequenceStep email, StepVariant? variant) => variant is null ? email.SubjectOverride : variant.SubjectOverride;
}
