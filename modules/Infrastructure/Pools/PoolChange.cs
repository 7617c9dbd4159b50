using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Infrastructure.Pools;

/// <summary>Changes a pool as staff ask: the row, the audit log, and the live pool of this host.</summary>
internal sealed class PoolChange(PlatformDb<InfrastructureDb> platform, ISender modules, LivePools live, PoolOverview overview)
{
    /// <param name="change">The values to have, from those it has.</param>
    /// <returns>The pool as it is then; null where there is none.</returns>
    public async Task<PoolResponse?> ApplyAsync(Guid id, string action, Func<PoolValues, PoolValues> change, CancellationToken ct)
    {
        await using var db = platform.Open("staff.pools");
        if (await db.ConnectionPools.SingleOrDefaultAsync(row => row.Id == id, ct) is not { } pool)
        {
            return null;
        }

        var differences = pool.Change(change(pool.Values));
        if (differences.Count > 0)
        {
            await db.SaveChangesAsync(ct);
            await modules.Send(new RecordAudit(action, "connection_pool", id.ToString()) { Details = differences }, ct);
            await live.ApplyAsync(ct);
        }

        return (await overview.ReadAsync(id, ct)).SingleOrDefault();
    }
}
