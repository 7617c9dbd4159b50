using System.Globalization;
using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Campaigns;

/// <summary>
/// Pauses a campaign of which too much bounces hard: its list is bad, and going on costs the mailboxes their name. Called after each hard
/// bounce, by whoever hears of it; after the commit.
/// </summary>
internal sealed class CampaignBrakes(CampaignsDb db, ISender modules, TimeProvider clock)
{
    private const decimal MostPercent = 5;
    private const int Enough = 20;
    private static readonly TimeSpan Looks = TimeSpan.FromHours(24);

    public async Task ApplyAsync(Guid campaignId, CancellationToken ct)
    {
        var campaign = await db.Campaigns.AsNoTracking().SingleOrDefaultAsync(row => row.Id == campaignId, ct);
        if (campaign is not { Status: CampaignStatus.Sending })
        {
            return;
        }

        var since = clock.GetUtcNow() - Looks;
        since = campaign.JudgedFrom > since ? campaign.JudgedFrom.Value : since;
        var bounced = await BouncedAsync(campaignId, since, ct);
        // With so many sends it would be within the limit: the rest need not be counted.
        var most = Math.Max(Enough, bounced * (int)(100 / MostPercent));
        var sent = await SentAsync(campaignId, since, most, ct);
        if (sent < Enough || bounced * 100 <= sent * MostPercent)
        {
            return;
        }

        await PauseAsync(campaign, string.Create(
            CultureInfo.InvariantCulture, $"{bounced * 100m / sent:0.#} % of the last {sent} messages bounced, which is more than {MostPercent:0} %."), ct);
    }

    // A bounce whose class nobody noted was said by the server when it was sent.
    private Task<int> BouncedAsync(Guid campaignId, DateTimeOffset since, CancellationToken ct) => db.Database.SqlQuery<int>($"""
        SELECT count(DISTINCT message_id)::integer AS "Value" FROM content.email_events
        WHERE campaign_id = {campaignId} AND event_type = 'bounced' AND created >= {since} AND coalesce(metadata ->> 'class', 'hard') = 'hard'
        """).SingleAsync(ct);

    private Task<int> SentAsync(Guid campaignId, DateTimeOffset since, int most, CancellationToken ct) => db.Messages
        .Where(row => row.CampaignId == campaignId && row.Kind == MessageKind.Campaign && row.Created >= since && (row.Status == MessageStatus.Sent || row.Status == MessageStatus.Bounced))
        .Take(most).CountAsync(ct);

    private async Task PauseAsync(Campaign campaign, string reason, CancellationToken ct)
    {
        var paused = await db.Campaigns.Where(row => row.Id == campaign.Id && row.Status == CampaignStatus.Sending)
            .ExecuteUpdateAsync(row => row
                .SetProperty(stopped => stopped.Status, CampaignStatus.Paused)
                .SetProperty(stopped => stopped.PauseReason, reason), ct);
        if (paused > 0)
        {
            await modules.Send(new RaiseNotification(
                "campaign", "Campaign paused", $"'{campaign.Name}' was paused: {reason} Look at the list before you resume it.", "warning",
                $"campaign:{campaign.Id}:brake", campaign.TenantId), ct);
        }
    }
}
