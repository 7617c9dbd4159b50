using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Features.Steps;

namespace PenguinMails.Campaigns.Features.Campaigns;

/// <param name="Days">ISO weekdays, 1 is Monday.</param>
internal sealed record WindowResponse(string Timezone, TimeOnly Start, TimeOnly End, short[] Days);

/// <summary>One campaign, its settings and steps, and how far its leads have come.</summary>
/// <param name="DailyLimit">Null: no limit of its own.</param>
internal sealed record CampaignResponse(
    Guid Id, Guid CompanyId, string Name, string? Description, CampaignStatus Status, string? PauseReason, DateTimeOffset? Scheduled,
    DateTimeOffset? Started, DateTimeOffset? Completed, IReadOnlyList<Guid> EmailAccountIds, WindowResponse Window, bool UseLeadTimezone,
    int? DailyLimit, int MinGapSeconds, bool TrackOpens, bool TrackClicks, bool StopOnReply, bool StopCompanyOnReply,
    IReadOnlyList<StepResponse> Steps, CampaignCounts Progress)
{
    /// <summary>As it is in the database; null where the tenant has none of this id.</summary>
    public static async Task<CampaignResponse?> ReadAsync(CampaignsDb db, Guid id, CancellationToken ct)
    {
        if (await db.Campaigns.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, ct) is not { } campaign)
        {
            return null;
        }

        var mailboxes = await db.Mailboxes.Where(row => row.CampaignId == id).OrderBy(row => row.EmailAccountId)
            .Select(row => row.EmailAccountId).ToListAsync(ct);
        return new CampaignResponse(
            campaign.Id, campaign.CompanyId, campaign.Name, campaign.Description, campaign.Status, campaign.PauseReason, campaign.Scheduled,
            campaign.Started, campaign.Completed, mailboxes,
            new(campaign.Timezone, campaign.WindowStart, campaign.WindowEnd, campaign.WindowDays), campaign.UseLeadTimezone,
            campaign.DailyLimit, campaign.MinGapSeconds, campaign.TrackOpens, campaign.TrackClicks, campaign.StopOnReply,
            campaign.StopCompanyOnReply, await StepResponse.ListAsync(db, id, ct), await CampaignCounts.ReadAsync(db, id, ct));
    }
}
