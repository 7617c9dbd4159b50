using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Data;

namespace PenguinMails.Infrastructure.Inbound;

/// <summary>Notes how far a mailbox was read. Whoever has lost the lease writes nothing.</summary>
internal sealed class ReaderProgress(InfrastructureDb db, IOptions<InboundOptions> options, TimeProvider clock)
{
    /// <summary>From here on uids are of this inbox.</summary>
    /// <returns>False: the lease is lost.</returns>
    public async Task<bool> StartAsync(ReaderLease lease, string source, long uidValidity, long lastUid, CancellationToken ct) =>
        await db.Database.ExecuteSqlAsync($"""
            UPDATE mailbox_readers SET source = {source}, uid_validity = {uidValidity}, last_uid = {lastUid}
            WHERE email_account_id = {lease.EmailAccountId} AND lease_owner = {lease.Owner}
            """, ct) > 0;

    /// <summary>All up to this one are dealt with.</summary>
    /// <returns>False: the lease is lost.</returns>
    public async Task<bool> PassAsync(ReaderLease lease, long uid, CancellationToken ct) =>
        await db.Database.ExecuteSqlAsync($"""
            UPDATE mailbox_readers SET last_uid = {uid}, stuck = 0
            WHERE email_account_id = {lease.EmailAccountId} AND lease_owner = {lease.Owner}
            """, ct) > 0;

    /// <summary>All there is was read.</summary>
    public Task SucceededAsync(ReaderLease lease, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"""
            UPDATE mailbox_readers SET last_read = {clock.GetUtcNow()}, failures = 0, error = NULL
            WHERE email_account_id = {lease.EmailAccountId} AND lease_owner = {lease.Owner}
            """, ct);

    /// <param name="isOurs">Neither the server nor the log-in is to blame.</param>
    /// <returns>How often in a row; 0: the lease is lost.</returns>
    public async Task<int> FailedAsync(ReaderLease lease, string error, bool isOurs, CancellationToken ct)
    {
        var ours = db.MailboxReaders.Where(row => row.EmailAccountId == lease.EmailAccountId && row.LeaseOwner == lease.Owner);
        var failures = 1 + await ours.Select(row => row.Failures).SingleOrDefaultAsync(ct);
        var next = clock.GetUtcNow() + options.Value.PauseAfter(failures);
        var written = await db.Database.ExecuteSqlAsync($"""
            UPDATE mailbox_readers SET failures = {failures}, stuck = stuck + {(isOurs ? 1 : 0)}, error = {error}, next_read = {next}, lease_owner = NULL, lease_until = NULL
            WHERE email_account_id = {lease.EmailAccountId} AND lease_owner = {lease.Owner}
            """, ct);
        return written > 0 ? failures : 0;
    }

    /// <summary>Lets go of it; where that is done already, nothing changes.</summary>
    public Task ReleaseAsync(ReaderLease lease, DateTimeOffset nextRead, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"""
            UPDATE mailbox_readers SET next_read = {nextRead}, lease_owner = NULL, lease_until = NULL
            WHERE email_account_id = {lease.EmailAccountId} AND lease_owner = {lease.Owner}
            """, ct);

    /// <summary>There is no inbox any more. One that is named later begins anew.</summary>
    public Task ForgetAsync(ReaderLease lease, CancellationToken ct) =>
        db.MailboxReaders.Where(row => row.EmailAccountId == lease.EmailAccountId && row.LeaseOwner == lease.Owner).ExecuteDeleteAsync(ct);
}
