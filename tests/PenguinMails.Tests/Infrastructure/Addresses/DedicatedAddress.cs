using System.Net;
using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Infrastructure.Addresses;

/// <summary>An address in the host's pool that nobody else gets: it is dedicated to the test's tenant.</summary>
internal static class DedicatedAddress
{
    private static int _last;

    /// <summary>One of the loopback network's, where a test can listen.</summary>
    public static IPAddress NextLoopback() => new([127, 77, (byte)(Interlocked.Increment(ref _last) / 250), (byte)(_last % 250 + 1)]);

    /// <param name="days">How long ago its ramp began.</param>
    public static async Task<Guid> AnAddressAsync(
        this HostFixture host, TenantClient tenant, string status, CancellationToken ct, IPAddress? address = null, int days = 30)
    {
        var (server, id) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await host.QueryAsync("INSERT INTO vps_instances (id, status) VALUES ($1, 'active')", ct, server);
        await host.QueryAsync(
            """
            INSERT INTO smtp_ip_addresses (id, vps_instance_id, ip_address, status, warming_started, dedicated_tenant_id)
            VALUES ($1, $2, $3, $4, CASE WHEN $4 IN ('available', 'assigned') THEN NULL ELSE now() - make_interval(days => $5) END, $6)
            """, ct, id, server, (address ?? NextLoopback()).ToString(), status, days, tenant.TenantId);
        return id;
    }

    /// <summary>A mailbox of the platform's own mail server, which sends from the platform's addresses.</summary>
    public static async Task<JsonNode> AMailboxOfOursAsync(this HostFixture host, TenantClient tenant, CancellationToken ct, JsonNode? made = null)
    {
        var mailbox = made ?? await tenant.AMailboxAsync(ct);
        await host.QueryAsync("UPDATE email_accounts SET provider = 'mailu', min_gap_seconds = 0 WHERE id = $1", ct, mailbox.Id());
        return mailbox;
    }
}
