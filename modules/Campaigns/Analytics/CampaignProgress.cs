using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Shared;

namespace PenguinMails.Campaigns.Analytics;

/// <param name="Leads">Enrollments by status.</param>
/// <param name="Messages">Messages by status.</param>
/// <param name="SentToday">Messages that were accepted since the day began in the campaign's zone.</param>
internal sealed record ProgressCounts(IReadOnlyDictionary<string, int> Leads, IReadOnlyDictionary<string, int> Messages, int SentToday);

/// <summary>How far a campaign has come, counted once for all who watch it on this host: it may have a million rows.</summary>
internal sealed class CampaignProgress(IMemoryCache cache, IServiceScopeFactory scopes, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(2);

    /// <summary>At most two seconds old. What was counted before it changed its state is not shown after that.</summary>
    public Task<ProgressCounts> OfAsync(Campaign campaign, CancellationToken ct)
    {
        // Not by the first who asks: that one may leave while others wait.
        var counted = cache.GetOrCreate(("campaign-progress", campaign.Id, campaign.Status), entry =>
        {
            entry.AbsoluteExpirationRelativeToNow = Memory;
            return new Lazy<Task<ProgressCounts>>(() => CountAsync(campaign, lifetime.ApplicationStopping));
        })!;
        return counted.Value.WaitAsync(ct);
    }

    private async Task<ProgressCounts> CountAsync(Campaign campaign, CancellationToken ct)
    {
        await using var scope = scopes.CreateTenantScope(campaign.TenantId);
        var db = scope.ServiceProvider.GetRequiredService<CampaignsDb>();
        var counts = await CampaignCounts.ReadAsync(db, campaign.Id, ct);
        var midnight = campaign.Midnight(campaign.DayOf(clock.GetUtcNow()));
        var sentToday = await db.Events.CountAsync(
            row => row.CampaignId == campaign.Id && row.EventType == EventType.Sent && row.Created >= midnight, ct);
        return new ProgressCounts(counts.Leads, counts.Messages, sentToday);
    }
}
