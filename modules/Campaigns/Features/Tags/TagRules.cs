using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;

namespace PenguinMails.Campaigns.Features.Tags;

internal static class TagRules
{
    public static void AsTagValue<T>(this IRuleBuilder<T, string?> rule) => rule.NotEmpty().MaximumLength(50).OneLine();

    /// <summary>Saves, unless the value is taken: by another of the tenant's tags or by a default one.</summary>
    /// <returns>Null when saved.</returns>
    public static async Task<ProblemHttpResult?> SaveAsync(CampaignsDb db, Tag tag, CancellationToken ct)
    {
        var value = tag.Value.ToLowerInvariant();
        return await db.Tags.AnyAsync(other => other.Id != tag.Id && other.IsDefault && other.Value.ToLower() == value, ct)
            || await db.SaveUniqueAsync(ct) is not null
                ? Problems.Conflict("There is a tag of this value already.")
                : null;
    }
}
