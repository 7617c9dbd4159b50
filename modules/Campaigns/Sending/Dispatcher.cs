using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;

namespace PenguinMails.Campaigns.Sending;

/// <summary>
/// Finds tenants with due enrollments and works through one batch of each in turn, so that no tenant's backlog holds up
/// another's. Any number of hosts may do so at once.
/// </summary>
internal sealed class Dispatcher(
    IServiceScopeFactory scopes, PlatformDatabase platform, IOptions<SendingOptions> options, TimeProvider clock, ILogger<Dispatcher> log)
    : BackgroundService
{
    private const int TenantsAtOnce = 4;

    protected override async Task ExecuteAsync(CancellationToken ct)
    {
        while (options.Value.Enabled && !ct.IsCancellationRequested)
        {
            var worked = false;
            try
            {
                worked = await RunOnceAsync(ct);
            }
            catch (Exception exception) when (!ct.IsCancellationRequested)
            {
                // The database may be away for a while: what was claimed comes back when its lease ends.
                log.LogError(exception, "A round of sending failed.");
            }

            if (!worked)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(options.Value.PollMilliseconds), clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <returns>Whether there was anything to do.</returns>
    private async Task<bool> RunOnceAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var tenants = await platform.ColumnAsync<Guid>("dispatch", """
            SELECT DISTINCT campaigns.tenant_id FROM campaigns
            WHERE campaigns.status = 'sending' AND (
                EXISTS (
                    SELECT 1 FROM campaign_leads AS due WHERE due.campaign_id = campaigns.id AND due.status IN ('pending', 'active')
                        AND due.next_run <= $1 AND (due.lease_until IS NULL OR due.lease_until <= $1))
                OR NOT EXISTS (
                    SELECT 1 FROM campaign_leads AS open WHERE open.campaign_id = campaigns.id AND open.status IN ('pending', 'active')))
            """, ct, new NpgsqlParameter { Value = now });
        var worked = new ConcurrentBag<bool>();
        await Parallel.ForEachAsync(tenants, new ParallelOptions { MaxDegreeOfParallelism = TenantsAtOnce, CancellationToken = ct },
            async (tenantId, token) => worked.Add(await RunBatchAsync(tenantId, token)));
        return worked.Contains(true);
    }

    // A tenant whose batch fails must not keep the others from sending.
    private async Task<bool> RunBatchAsync(Guid tenantId, CancellationToken ct)
    {
        try
        {
            await using var scope = scopes.CreateTenantScope(tenantId);
            await scope.ServiceProvider.GetRequiredService<TenantBatch>().RunAsync(ct);
            return true;
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            log.LogError(exception, "A batch of tenant {TenantId} failed; what it claimed comes back when its lease ends.", tenantId);
            return false;
        }
    }
}
