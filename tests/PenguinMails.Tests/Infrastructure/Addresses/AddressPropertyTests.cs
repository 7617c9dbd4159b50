using CsCheck;
using PenguinMails.Infrastructure;
using PenguinMails.Shared.Database;

namespace PenguinMails.Tests.Infrastructure.Addresses;

/// <summary>Random events over the real database, and what must be true after each.</summary>
public sealed class AddressPropertyTests(AddressScene scene) : IClassFixture<AddressScene>
{
    private const int Tenants = 3;
    private const int DomainsEach = 7;

    // Each answers rows where something is broken.
    private static readonly (string What, string Sql)[] Invariants =
    [
        ("the count is not that of the domains", """
            SELECT id FROM smtp_ip_addresses a WHERE assigned_count <> (
                SELECT count(*) FROM domain_ip_assignments d WHERE d.smtp_ip_address_id = a.id AND d.status <> 'expired')
            """),
        ("a count is out of bounds", "SELECT id FROM smtp_ip_addresses WHERE assigned_count < 0 OR (dedicated_tenant_id IS NULL AND assigned_count > 8)"),
        ("a domain has two places of a kind, or two on one address", """
            SELECT domain_id FROM domain_ip_assignments WHERE status <> 'expired' GROUP BY domain_id
            HAVING count(*) FILTER (WHERE status = 'active') > 1 OR count(*) FILTER (WHERE status = 'warming') > 1
                OR count(*) FILTER (WHERE status = 'scheduled') > 1 OR count(*) FILTER (WHERE status = 'scheduled') NOT IN (0, count(*))
                OR count(smtp_ip_address_id) <> count(DISTINCT smtp_ip_address_id)
            """),
        ("a domain that had a place is forgotten", """
            SELECT domain_id FROM domain_ip_assignments GROUP BY domain_id HAVING count(*) FILTER (WHERE status <> 'expired') = 0
            """),
        ("a place has no address, or one that waits has", """
            SELECT id FROM domain_ip_assignments WHERE status <> 'expired' AND (status = 'scheduled') <> (smtp_ip_address_id IS NULL)
            """),
        ("a domain is on an address that carries no mail", """
            SELECT d.id FROM domain_ip_assignments d JOIN smtp_ip_addresses a ON a.id = d.smtp_ip_address_id
            WHERE d.status <> 'expired' AND a.status IN ('available', 'quarantined', 'burned')
            """),
        ("a domain is active on an address that is not warm, or warming on one that is", """
            SELECT d.id FROM domain_ip_assignments d JOIN smtp_ip_addresses a ON a.id = d.smtp_ip_address_id
            WHERE (d.status = 'active' AND a.status NOT IN ('warmed', 'degraded')) OR (d.status = 'warming' AND a.status = 'warmed' AND a.warming_started <= $1)
            """),
        ("a domain is on another tenant's own address", """
            SELECT d.id FROM domain_ip_assignments d JOIN smtp_ip_addresses a ON a.id = d.smtp_ip_address_id
            WHERE d.status <> 'expired' AND a.dedicated_tenant_id <> d.tenant_id
            """),
        ("an address is twice in the pool", "SELECT ip_address FROM smtp_ip_addresses WHERE status <> 'burned' GROUP BY 1 HAVING count(*) > 1"),
    ];

    private enum Happening
    {
        Give,
        GiveWarmed,
        FirstSend,
        Age,
        Bounce,
        List,
        TimePasses,
        Quarantine,
        Release,
        Burn,
        Dedicate,
        DeleteDomain,
        DeleteTenant,
        ServerGoes,
    }

    private readonly List<Guid> _servers = [];
    private readonly List<Guid> _addresses = [];
    private readonly List<(Guid Tenant, Guid Domain)> _domains = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public Task Whatever_happens_to_addresses_servers_and_tenants_every_domain_and_count_stays_right() => Gen.Select(
        Gen.OneOf(
            // What is common is drawn more often.
            Gen.OneOf(Happening.Give, Happening.Give, Happening.GiveWarmed, Happening.FirstSend, Happening.Age),
            Gen.Enum<Happening>()),
        Gen.Int[0, 1000]).Array[30, 60].SampleAsync(RunAsync, iter: 12, threads: 1);

    private async Task RunAsync((Happening What, int Which)[] steps)
    {
        await BeginAsync();
        foreach (var (what, which) in steps)
        {
            scene.Clock.Pass(TimeSpan.FromMinutes(1));
            await DoAsync(what, which);
            await CheckAsync($"after {what} {which}");
        }
    }

    private async Task BeginAsync()
    {
        await scene.EmptyAsync(Ct);
        _servers.Clear();
        _addresses.Clear();
        _domains.Clear();
        for (var server = 0; server < 2; server++)
        {
            await AddServerAsync();
        }

        for (var tenant = 0; tenant < Tenants; tenant++)
        {
            await AddTenantAsync();
        }
    }

    private async Task DoAsync(Happening what, int which)
    {
        var (address, (tenant, domain)) = (_addresses[which % _addresses.Count], _domains[which % _domains.Count]);
        var now = scene.Clock.Now;
        switch (what)
        {
            case Happening.Give:
                await scene.Places.GiveAsync(tenant, domain, Ct);
                break;
            case Happening.GiveWarmed:
                await scene.Places.GiveAsync(tenant, domain, Ct);
                await scene.Places.GiveWarmedAsync(tenant, domain, Ct);
                break;
            case Happening.FirstSend:
                await ChangeAsync(address, found => found.FirstSend(now));
                break;
            case Happening.Age:
                await scene.QueryAsync("UPDATE smtp_ip_addresses SET warming_started = warming_started - interval '20 days' WHERE id = $1", Ct, address);
                await scene.SentAsync(address, 100, Ct);
                await scene.Job.RunAsync(Ct);
                break;
            case Happening.Bounce:
                await scene.SentAsync(address, 100, Ct, bounced: 20);
                await scene.Job.RunAsync(Ct);
                break;
            case Happening.List:
                await scene.QueryAsync(
                    """
                    UPDATE smtp_ip_addresses SET provider_blacklist_status = CASE WHEN provider_blacklist_status IS NULL THEN
                        jsonb_build_object($2, jsonb_build_object('listed', true, 'code', '127.0.0.2', 'checked', now())) END
                    WHERE id = $1
                    """, Ct, address, which % 3 == 0 ? "spamhaus_zen" : "spamcop");
                await scene.Job.RunAsync(Ct);
                break;
            case Happening.TimePasses:
                scene.Clock.Pass(TimeSpan.FromDays(which % 5 * 5));
                await scene.Job.RunAsync(Ct);
                break;
            case Happening.Quarantine:
                await ChangeAsync(address, found => found.Quarantine("Staff.", null, now));
                break;
            case Happening.Release:
                await ChangeAsync(address, found => found.Release("Staff.", now));
                break;
            case Happening.Burn when which % 3 == 0:
                await ChangeAsync(address, found => found.Burn("Staff.", now));
                break;
            case Happening.Dedicate:
                await DedicateAsync(address, which % 2 == 0 ? tenant : null);
                break;
            case Happening.DeleteDomain:
                await scene.QueryAsync("DELETE FROM domains WHERE id = $1", Ct, domain);
                _domains[which % _domains.Count] = (tenant, await scene.DomainAsync(tenant, Ct));
                break;
            case Happening.DeleteTenant when which % 3 == 0:
                await scene.QueryAsync("DELETE FROM tenants WHERE id = $1", Ct, tenant);
                _domains.RemoveAll(one => one.Tenant == tenant);
                await AddTenantAsync();
                break;
            case Happening.ServerGoes when which % 3 == 0:
                await ReplaceServerAsync(_servers[which % _servers.Count]);
                break;
        }
    }

    private async Task CheckAsync(string when)
    {
        foreach (var (what, sql) in Invariants)
        {
            var broken = sql.Contains("$1") ? await scene.QueryAsync(sql, Ct, scene.Clock.Now.AddDays(-14)) : await scene.QueryAsync(sql, Ct);
            broken.ShouldBeEmpty($"{what}, {when}");
        }

        var there = (await scene.QueryAsync("SELECT id FROM smtp_ip_addresses", Ct)).Select(Guid.Parse);
        there.ShouldBe(_addresses, ignoreOrder: true, $"an address is lost, {when}");
        // This clock stands still for a whole job: what came first is said by the transaction, and within it by the id.
        foreach (var row in await scene.QueryAsync("""
            SELECT a.status, coalesce(string_agg(h.status, ',' ORDER BY h.checked, h.xmin::text::bigint, h.id), '') FROM smtp_ip_addresses a
            LEFT JOIN ip_reputation_history h ON h.smtp_ip_address_id = a.id GROUP BY a.id
            """, Ct))
        {
            var path = row.Split('|')[1].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(SnakeCase.Parse<AddressStatus>).ToList();
            LegalTransitions.Broken(path).ShouldBeEmpty(when);
            path.DefaultIfEmpty(AddressStatus.Available).Last().ShouldBe(SnakeCase.Parse<AddressStatus>(row.Split('|')[0]), when);
        }
    }

    private Task ChangeAsync(Guid address, Func<SmtpIpAddress, bool> change) =>
        scene.Life.ChangeAsync(address, (_, found) => Task.FromResult(change(found)), Ct);

    private async Task DedicateAsync(Guid address, Guid? tenant)
    {
        // As staff may: nobody else is on it, and no more than share one.
        var others = await scene.QueryAsync(
            "SELECT 1 FROM domain_ip_assignments WHERE smtp_ip_address_id = $1 AND status <> 'expired' AND tenant_id <> $2", Ct,
            address, tenant ?? Guid.Empty);
        if (others.Count == 0 || (tenant is null && others.Count <= 8))
        {
            await ChangeAsync(address, found =>
            {
                found.DedicateTo(tenant);
                return true;
            });
        }
    }

    private async Task AddServerAsync()
    {
        _servers.Add(await scene.ServerAsync(Ct));
        await AddAddressesAsync(_servers[^1]);
    }

    private async Task AddAddressesAsync(Guid server)
    {
        for (var number = 0; number < 2; number++)
        {
            _addresses.Add(await scene.AddressAsync(server, "available", Ct));
        }
    }

    private async Task AddTenantAsync()
    {
        var tenant = await scene.TenantAsync(Ct);
        for (var number = 0; number < DomainsEach; number++)
        {
            _domains.Add((tenant, await scene.DomainAsync(tenant, Ct)));
        }
    }

    // Its end, as far as the others have room; then another one comes.
    private async Task ReplaceServerAsync(Guid server)
    {
        await using var db = scene.Platform.Open("test");
        if (await scene.Pool.ClearAsync(db, server, "It goes.", Ct))
        {
            await scene.QueryAsync("UPDATE vps_instances SET status = 'decommissioned' WHERE id = $1", Ct, server);
            await scene.Pool.RetireAsync(db, server, Ct);
            await db.SaveChangesAsync(Ct);
            _servers.Remove(server);
            await AddServerAsync();
        }
    }
}
