using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Campaigns.Jobs;

/// <summary>Begins the campaigns whose time has come. One that lacks something by then is a draft again, and its tenant is told what.</summary>
internal sealed class ScheduledLaunches(PlatformDatabase platform, IServiceScopeFactory scopes, TimeProvider clock) : IRecurringJob
{
    public async Task RunAsync(CancellationToken ct)
    {
        var tenants = await platform.ColumnAsync<Guid>(
            "scheduled-launches", "SELECT DISTINCT tenant_id FROM campaigns WHERE status = 'scheduled' AND scheduled <= $1", ct,
            new NpgsqlParameter { Value = clock.GetUtcNow() });
        await Sweep.EachApartAsync(tenants, tenantId => RunAsync(tenantId, ct), ct);
    }

    /// <summary>One tenant's campaigns.</summary>
    public async Task RunAsync(Guid tenantId, CancellationToken ct)
    {
        await using var scope = scopes.CreateTenantScope(tenantId);
        var db = scope.ServiceProvider.GetRequiredService<CampaignsDb>();
        var launch = scope.ServiceProvider.GetRequiredService<CampaignLaunch>();
        var modules = scope.ServiceProvider.GetRequiredService<ISender>();
        var due = await db.Campaigns.AsNoTracking().Where(row => row.Status == CampaignStatus.Scheduled && row.Scheduled <= clock.GetUtcNow())
            .OrderBy(row => row.Scheduled).ToListAsync(ct);
        await Sweep.EachApartAsync(due, async campaign =>
        {
            // What could not be saved of one must not keep the next from being saved.
            db.ChangeTracker.Clear();
            var launched = await launch.BeginAsync(campaign, IsDue, ct);
            if (launched.Missing is { } missing && await GiveUpAsync(db, campaign.Id, ct))
            {
                await modules.Send(Notice(campaign, missing.Fields), ct);
            }
        }, ct);
    }

    private bool IsDue(Campaign campaign) => campaign.Status == CampaignStatus.Scheduled && campaign.Scheduled <= clock.GetUtcNow();

    private async Task<bool> GiveUpAsync(CampaignsDb db, Guid id, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await db.LockCampaignAsync(id, ct) is not { } campaign || !IsDue(campaign) || !campaign.Unschedule())
        {
            return false;
        }

        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    private static RaiseNotification Notice(Campaign campaign, IDictionary<string, string[]> missing) => new(
        "campaign",
        $"The campaign {campaign.Name} did not begin",
        $"At its time it lacked something, and is a draft again. {string.Join(' ', missing.Values.SelectMany(problems => problems))}",
        "warning",
        $"campaign:{campaign.Id}:scheduled",
        campaign.TenantId);
}
