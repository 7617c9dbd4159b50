using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;

namespace PenguinMails.Campaigns.Sending;

/// <summary>A batch's lease on the enrollments it works on. One that ends lets any host take them over.</summary>
internal sealed class BatchClaim(
    CampaignsDb db, TenantScope scope, IServiceScopeFactory scopes, IOptions<SendingOptions> options, TimeProvider clock, ILogger<BatchClaim> log)
{
    private readonly Guid _owner = Guid.CreateVersion7();
    private List<Guid> _claimed = [];

    /// <summary>Claims what is due, follow-ups before new leads; what another host holds is passed by.</summary>
    /// <returns>The enrollments that this batch may work on.</returns>
    public async Task<IReadOnlyList<Guid>> TakeAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        _claimed = await db.Database.SqlQuery<Guid>($"""
            UPDATE campaign_leads SET lease_owner = {_owner}, lease_until = {LeaseEnd()}
            WHERE id IN (
                SELECT due.id FROM campaign_leads AS due JOIN campaigns ON campaigns.id = due.campaign_id AND campaigns.status = 'sending'
                WHERE due.tenant_id = {scope.RequiredTenantId} AND due.status IN ('pending', 'active') AND due.next_run <= {now}
                    AND (due.lease_until IS NULL OR due.lease_until <= {now})
                ORDER BY due.status = 'pending', due.next_run
                LIMIT {options.Value.BatchSize}
                FOR UPDATE OF due SKIP LOCKED)
            RETURNING id
            """).ToListAsync(ct);
        return _claimed;
    }

    /// <summary>Holds the claim until cancelled: a slow server must not let another host think that this one is gone.</summary>
    public async Task RenewAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.LeaseSeconds / 3.0), clock);
        await using var work = scopes.CreateTenantScope(scope.RequiredTenantId);
        var own = work.ServiceProvider.GetRequiredService<CampaignsDb>();
        while (await NextTickAsync(timer, ct))
        {
            try
            {
                var until = LeaseEnd();
                await own.Database.ExecuteSqlAsync(
                    $"UPDATE campaign_leads SET lease_until = {until} WHERE id = ANY ({_claimed}) AND lease_owner = {_owner}", ct);
            }
            catch (Exception exception) when (!ct.IsCancellationRequested)
            {
                log.LogWarning(exception, "A claim could not be renewed; it is tried again.");
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static async Task<bool> NextTickAsync(PeriodicTimer timer, CancellationToken ct)
    {
        try
        {
            return await timer.WaitForNextTickAsync(ct);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private DateTimeOffset LeaseEnd() => clock.GetUtcNow().AddSeconds(options.Value.LeaseSeconds);
}
