using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using PenguinMails.Shared.Database;

namespace PenguinMails.Infrastructure.Inbound;

/// <summary>A mailbox that this host may read for a while.</summary>
internal sealed record ReaderLease(Guid EmailAccountId, Guid TenantId, Guid Owner);

/// <summary>Shares out the mailboxes of all tenants among the hosts: whoever holds one's lease reads it, and nobody else.</summary>
internal sealed class ReaderLeases(PlatformDatabase platform, IOptions<InboundOptions> options, TimeProvider clock)
{
    private const string Purpose = "inbound";

    /// <summary>Gives mailboxes that are new their row.</summary>
    public Task AdoptAsync(CancellationToken ct) => ExecuteAsync("""
        INSERT INTO mailbox_readers (email_account_id, tenant_id, next_read)
        SELECT account.id, account.tenant_id, $1 FROM email_accounts AS account
        WHERE account.imap_settings IS NOT NULL AND account.status IN ('active', 'paused')
            AND NOT EXISTS (SELECT FROM mailbox_readers WHERE email_account_id = account.id)
        ORDER BY account.id
        LIMIT 1000
        ON CONFLICT DO NOTHING
        """, ct, Value(clock.GetUtcNow()));

    /// <summary>Takes mailboxes that are due; what another host holds is passed by.</summary>
    /// <param name="held">What this host reads already: a lease of its own that ran out is not taken a second time.</param>
    public async Task<IReadOnlyList<ReaderLease>> TakeAsync(int most, IReadOnlyCollection<Guid> held, CancellationToken ct)
    {
        // One owner for each taking: what was taken before cannot be mistaken for it.
        var (now, owner) = (clock.GetUtcNow(), Guid.CreateVersion7());
        await using var connection = await platform.OpenAsync(Purpose, ct);
        await using var command = new NpgsqlCommand("""
            WITH due AS MATERIALIZED (
                SELECT email_account_id FROM mailbox_readers
                WHERE next_read <= $1 AND (lease_until IS NULL OR lease_until <= $1) AND email_account_id <> ALL ($4)
                ORDER BY next_read
                LIMIT $5
                FOR UPDATE SKIP LOCKED)
            UPDATE mailbox_readers AS reader SET lease_owner = $2, lease_until = $3 FROM due WHERE reader.email_account_id = due.email_account_id
            RETURNING reader.email_account_id, reader.tenant_id
            """, connection)
        {
            Parameters = { Value(now), Value(owner), Value(now + options.Value.Lease), Ids(held), new() { Value = most } },
        };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var taken = new List<ReaderLease>();
        while (await reader.ReadAsync(ct))
        {
            taken.Add(new ReaderLease(reader.GetGuid(0), reader.GetGuid(1), owner));
        }

        return taken;
    }

    /// <summary>Holds on to what this host reads.</summary>
    /// <returns>What it still may: neither taken over, nor deleted, suspended or without its server meanwhile.</returns>
    public Task<IReadOnlyList<Guid>> RenewAsync(IReadOnlyCollection<ReaderLease> leases, CancellationToken ct) =>
        platform.ColumnAsync<Guid>(Purpose, """
            UPDATE mailbox_readers AS reader SET lease_until = $1
            FROM email_accounts AS account, unnest($2, $3) AS held (id, owner)
            WHERE reader.email_account_id = held.id AND reader.lease_owner = held.owner AND account.id = held.id
                AND account.imap_settings IS NOT NULL AND account.status IN ('active', 'paused')
            RETURNING reader.email_account_id
            """, ct,
            Value(clock.GetUtcNow() + options.Value.Lease),
            Ids([.. leases.Select(lease => lease.EmailAccountId)]), Ids([.. leases.Select(lease => lease.Owner)]));

    private async Task ExecuteAsync(string sql, CancellationToken ct, params NpgsqlParameter[] parameters)
    {
        await using var connection = await platform.OpenAsync(Purpose, ct);
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static NpgsqlParameter Value(object value) => new() { Value = value };

    private static NpgsqlParameter Ids(IReadOnlyCollection<Guid> ids) =>
        new() { Value = ids.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid };
}
