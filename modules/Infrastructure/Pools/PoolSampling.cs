using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;

namespace PenguinMails.Infrastructure.Pools;

/// <summary>
/// Writes down each minute how this host's pools are doing. Not a job of Hangfire's, which would run on one of the hosts: what is
/// metered is in the process.
/// </summary>
internal sealed class PoolSampling(PoolMeters meters, IServiceScopeFactory scopes, TimeProvider clock, ILogger<PoolSampling> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly string _host = $"{Environment.MachineName}/{Environment.ProcessId}";

    /// <summary>Takes one sample of every pool that has been used.</summary>
    public async Task SampleAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        await using var db = scope.ServiceProvider.GetRequiredService<PlatformDb<InfrastructureDb>>().Open("pool-metrics");
        var pools = await db.ConnectionPools.AsNoTracking().Where(pool => pool.IsActive).ToDictionaryAsync(pool => pool.Name.ToString(), ct);
        var now = clock.GetUtcNow();
        db.PoolSamples.AddRange(meters.Sample()
            .Where(reading => pools.ContainsKey(reading.Pool))
            .Select(reading => PoolSample.Of(pools[reading.Pool], reading, _host, now)));
        await db.SaveChangesAsync(ct);
    }

    protected override async Task ExecuteAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(ct))
        {
            try
            {
                await SampleAsync(ct);
            }
            catch (Exception exception) when (!ct.IsCancellationRequested)
            {
                log.LogError(exception, "A sample of the connection pools was not written.");
            }
        }
    }
}
