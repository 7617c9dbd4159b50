using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;

namespace PenguinMails.Campaigns.Leads;

/// <summary>Merges the imports that nobody waits for, and those that a host left when it died. Any number of hosts may do so at once.</summary>
internal sealed class ImportRunner(
    IServiceScopeFactory scopes, PlatformDatabase platform, IOptions<ImportOptions> options, TimeProvider clock, ILogger<ImportRunner> log)
    : BackgroundService
{
    private readonly SemaphoreSlim _nudge = new(0, 1);

    /// <summary>Looks at once.</summary>
    public void Nudge()
    {
        try
        {
            _nudge.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else was first.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(ct);
                await _nudge.WaitAsync(TimeSpan.FromMilliseconds(options.Value.PollMilliseconds), ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // The database may be away for a while: what was claimed comes back when its lease ends.
                log.LogError(exception, "A round of imports failed.");
                await Task.Delay(TimeSpan.FromMilliseconds(options.Value.PollMilliseconds), clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RunOnceAsync(CancellationToken ct)
    {
        var tenants = await platform.ColumnAsync<Guid>("imports", """
            SELECT DISTINCT tenant_id FROM lead_imports
            WHERE status IN ('uploading', 'running') AND (lease_until IS NULL OR lease_until < $1)
                OR staged_rows > 0 AND status NOT IN ('uploading', 'running')
            """, ct, new NpgsqlParameter { Value = clock.GetUtcNow() });
        await Parallel.ForEachAsync(tenants, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = ct }, MergeAsync);
    }

    private async ValueTask MergeAsync(Guid tenantId, CancellationToken ct)
    {
        await using var scope = scopes.CreateTenantScope(tenantId);
        var claims = scope.ServiceProvider.GetRequiredService<ImportClaims>();
        while (await claims.TakeAsync(ct) is { } lease)
        {
            await using (lease)
            {
                try
                {
                    await scope.ServiceProvider.GetRequiredService<ImportMerge>().RunAsync(lease);
                }
                catch (OperationCanceledException) when (!ct.IsCancellationRequested)
                {
                    // Canceled, or another host's.
                }
                catch (Exception exception) when (!ct.IsCancellationRequested)
                {
                    log.LogError(exception, "Import {ImportId} failed; it is tried again when its lease has ended.", lease.ImportId);
                    break;
                }
                catch (OperationCanceledException)
                {
                    // Stopping, the host lets another go on at once.
                    await claims.LeaveAsync(lease, CancellationToken.None);
                    throw;
                }
            }
        }

        await claims.ClearAsync(ct);
    }
}
