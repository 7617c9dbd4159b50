using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Audit;

/// <param name="Position">In the chain, from 1.</param>
/// <param name="EntryId">The row; null where it is gone.</param>
/// <param name="Problem">For people.</param>
internal sealed record ChainBreak(long Position, Guid? EntryId, string Problem);

/// <summary>The chain of hashes over the audit log, which the database makes and goes through.</summary>
internal sealed class AuditChain(PlatformDb<StaffDb> platform)
{
    // Of all that was ever done.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>The first row that is not as it was sealed; null where all are.</summary>
    public async Task<ChainBreak?> FirstBreakAsync(CancellationToken ct)
    {
        await using var db = platform.Open("staff.audit");
        db.Database.SetCommandTimeout(Patience);
        var breaks = await db.Database.SqlQuery<ChainBreak>(
            $"SELECT chain_position AS position, entry_id, problem FROM verify_audit_log() LIMIT 1").ToListAsync(ct);
        return breaks.SingleOrDefault();
    }

    /// <summary>How many rows are in it.</summary>
    public async Task<long> SealedAsync(CancellationToken ct)
    {
        await using var db = platform.Open("staff.audit");
        return await db.Audit.LongCountAsync(entry => entry.ChainPosition != null, ct);
    }
}
