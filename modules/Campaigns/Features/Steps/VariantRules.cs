using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;

namespace PenguinMails.Campaigns.Features.Steps;

/// <summary>What a variant may be.</summary>
internal static class VariantRules
{
    public const int Most = 26;

    public static IRuleBuilderOptions<T, string?> AsVariantName<T>(this IRuleBuilder<T, string?> rule) => rule.NotEmpty().MaximumLength(100);

    public static IRuleBuilderOptions<T, int?> AsWeight<T>(this IRuleBuilder<T, int?> rule) => rule.InclusiveBetween(0, 1000);

    /// <summary>What it refers to and the tenant does not have, or a subject that cannot be filled.</summary>
    public static async Task<ProblemHttpResult?> RefuseAsync(CampaignsDb db, Guid? templateId, string? subject, CancellationToken ct)
    {
        if (templateId is { } template && !await db.Templates.AnyAsync(row => row.Id == template, ct))
        {
            return Problems.NotFound("Template");
        }

        return !string.IsNullOrEmpty(subject) && LiquidTemplates.Check(subject) is { } error ? Problems.Unprocessable("subjectOverride", error) : null;
    }

    /// <summary>Saves, unless the step has one of this name already, or a campaign that has been launched could not go on.</summary>
    /// <returns>Null where it is saved; the caller commits.</returns>
    public static async Task<ProblemHttpResult?> SaveVariantAsync(this CampaignsDb db, Campaign campaign, LaunchCheck check, CancellationToken ct)
    {
        if (await db.SaveUniqueAsync(ct) is not null)
        {
            return Problems.Conflict("The step has a variant of this name.");
        }

        return !campaign.MayBeEdited && await check.OfSequenceAsync(campaign, ct) is { Count: > 0 } missing ? Problems.Unprocessable(missing) : null;
    }
}
