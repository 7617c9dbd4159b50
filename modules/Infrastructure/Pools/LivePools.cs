using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;

namespace PenguinMails.Infrastructure.Pools;

/// <summary>Keeps the host's pools as table <c>connection_pool_config</c> says: at once where it is changed, within seconds on other hosts.</summary>
internal sealed class LivePools(ConnectionPools pools, IServiceScopeFactory scopes, TimeProvider clock, ILogger<LivePools> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _applying = new(1);

    /// <summary>Reads the table and makes it so.</summary>
    public async Task ApplyAsync(CancellationToken ct)
    {
        // What is read is applied before anybody reads anew: of two at once, the older would have the last word.
        await _applying.WaitAsync(ct);
        try
        {
            pools.Apply(await ReadAsync(ct));
        }
        finally
        {
            _applying.Release();
        }
    }

    public override async Task StartAsync(CancellationToken ct)
    {
        await TryApplyAsync(ct);
        await base.StartAsync(ct);
    }

    public override void Dispose()
    {
        base.Dispose();
        _applying.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(ct))
        {
            await TryApplyAsync(ct);
        }
    }

    private async Task<IReadOnlyCollection<PoolSettings>> ReadAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        // Through the platform's connections: where the primary pool is starved, its cure must get through.
        await using var db = scope.ServiceProvider.GetRequiredService<PlatformDb<InfrastructureDb>>().Open("pools");
        var active = await db.ConnectionPools.AsNoTracking().Where(pool => pool.IsActive).ToListAsync(ct);
        return [.. active.Select(pool => pool.Settings)];
    }

    private async Task TryApplyAsync(CancellationToken ct)
    {
        try
        {
            await ApplyAsync(ct);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            // The pools stay as they are.
            log.LogError(exception, "The settings of the connection pools could not be applied.");
        }
    }
}
