using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Database;

namespace PenguinMails.Campaigns;

/// <summary>How far a campaign's leads have come.</summary>
/// <param name="Leads">Enrollments by status.</param>
/// <param name="Messages">Messages by status; no answers out of the inbox.</param>
internal sealed record CampaignCounts(IReadOnlyDictionary<string, int> Leads, IReadOnlyDictionary<string, int> Messages)
{
    public static async Task<CampaignCounts> ReadAsync(CampaignsDb db, Guid campaignId, CancellationToken ct)
    {
        var leads = await db.Enrollments.Where(enrollment => enrollment.CampaignId == campaignId)
            .GroupBy(enrollment => enrollment.Status).Select(group => new { group.Key, Count = group.Count() }).ToListAsync(ct);
        var messages = await db.Messages.Where(message => message.CampaignId == campaignId && message.Kind == MessageKind.Campaign)
            .GroupBy(message => message.Status).Select(group => new { group.Key, Count = group.Count() }).ToListAsync(ct);
        return new CampaignCounts(
            leads.ToDictionary(row => SnakeCase.Of(row.Key), row => row.Count), messages.ToDictionary(row => SnakeCase.Of(row.Key), row => row.Count));
    }
}
