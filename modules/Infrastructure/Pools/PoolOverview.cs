using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Infrastructure.Pools;

/// <summary>The pools as staff see them.</summary>
internal sealed class PoolOverview(PlatformDb<InfrastructureDb> platform, ISender modules, TimeProvider clock)
{
    // A host that has stopped writes no more: after a few missed samples it is not shown.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);

    /// <param name="id">Only this one; null for all.</param>
    public async Task<IReadOnlyList<PoolResponse>> ReadAsync(Guid? id, CancellationToken ct)
    {
        await using var db = platform.Open("staff.pools");
        var pools = await db.ConnectionPools.AsNoTracking().Where(pool => id == null || pool.Id == id)
            .OrderBy(pool => pool.Tier).ThenBy(pool => pool.PoolName).ToListAsync(ct);
        var since = clock.GetUtcNow() - Fresh;
        var samples = (await db.PoolSamples.AsNoTracking()
            .Where(sample => sample.CollectedAt >= since && (id == null || sample.PoolConfigId == id)).ToListAsync(ct))
            .GroupBy(sample => (sample.PoolConfigId, sample.Host))
            .ToLookup(ofHost => ofHost.Key.PoolConfigId, ofHost => ofHost.MaxBy(sample => sample.CollectedAt)!);
        var open = await modules.Send(new GetOpenNotifications(PoolRecommendation.Keys), ct);
        return [.. pools.Select(pool => PoolResponse.Of(pool, samples[pool.Id], PoolRecommendation.For(pool, open)))];
    }
}
