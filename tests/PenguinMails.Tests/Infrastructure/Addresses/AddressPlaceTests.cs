using Microsoft.EntityFrameworkCore;
using Npgsql;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Tests.Infrastructure.Addresses;

/// <summary>Which domain is on which address.</summary>
public sealed class AddressPlaceTests(HostFixture host, AddressScene scene) : IClassFixture<AddressScene>, IAsyncLifetime
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await scene.EmptyAsync(Ct);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task However_many_domains_ask_at_once_no_address_has_more_than_eight()
    {
        var server = await scene.ServerAsync(Ct);
        var addresses = new List<Guid>();
        for (var number = 0; number < 20; number++)
        {
            addresses.Add(await scene.AddressAsync(server, number % 2 == 0 ? "warmed" : "available", Ct));
        }

        var domains = new List<(Guid Tenant, Guid Domain)>();
        for (var number = 0; number < 200; number++)
        {
            var tenant = number % 4 == 0 ? await scene.TenantAsync(Ct) : domains[^1].Tenant;
            domains.Add((tenant, await scene.DomainAsync(tenant, Ct)));
        }

        var given = await Task.WhenAll(domains.Select(one => Task.Run(() => scene.Places.GiveAsync(one.Tenant, one.Domain, Ct), Ct)));

        given.Count(has => has).ShouldBe(160);
        (await scene.QueryAsync("SELECT DISTINCT assigned_count FROM smtp_ip_addresses", Ct)).ShouldBe(["8"]);
        (await scene.QueryAsync(
            "SELECT status, count(*), count(DISTINCT domain_id) FROM domain_ip_assignments GROUP BY status ORDER BY status", Ct))
            .ShouldBe(["active|80|80", "scheduled|40|40", "warming|80|80"]);
    }

    [Fact]
    public async Task The_same_domain_gets_one_place_however_often_it_asks_at_once()
    {
        var server = await scene.ServerAsync(Ct);
        var addresses = (await scene.AddressAsync(server, "warmed", Ct), await scene.AddressAsync(server, "warming", Ct, days: 2));
        var tenant = await scene.TenantAsync(Ct);
        var domain = await scene.DomainAsync(tenant, Ct);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Task.Run(
            () => number % 2 == 0 ? scene.Places.GiveAsync(tenant, domain, Ct) : scene.Places.GiveWarmedAsync(tenant, domain, Ct), Ct)));

        (await scene.PlacesOfAsync(domain, Ct)).ShouldBe([$"active|{addresses.Item1}"]);
    }

    [Fact]
    public async Task The_database_itself_counts_and_forbids_a_ninth_domain()
    {
        var address = await scene.AddressAsync(await scene.ServerAsync(Ct), "warmed", Ct);
        var tenant = await scene.TenantAsync(Ct);
        const string insert = "INSERT INTO domain_ip_assignments (tenant_id, domain_id, smtp_ip_address_id, status) VALUES ($1, $2, $3, 'active')";
        for (var number = 0; number < 8; number++)
        {
            await scene.QueryAsync(insert, Ct, tenant, await scene.DomainAsync(tenant, Ct), address);
        }

        var ninth = await Should.ThrowAsync<PostgresException>(scene.QueryAsync(insert, Ct, tenant, await scene.DomainAsync(tenant, Ct), address));

        ninth.ConstraintName.ShouldBe("smtp_ip_addresses_shared_by_8");
        (await scene.StateAsync(address, Ct)).ShouldBe("warmed|8");
    }

    [Fact]
    public async Task Takes_the_least_loaded_warmed_one_then_a_warming_one_then_a_free_one()
    {
        var server = await scene.ServerAsync(Ct);
        var free = await scene.AddressAsync(server, "available", Ct);
        var warming = await scene.AddressAsync(server, "warming", Ct, days: 3);
        var recovered = await scene.AddressAsync(server, "warmed", Ct, days: 3);
        var (first, second) = (await scene.AddressAsync(server, "warmed", Ct), await scene.AddressAsync(server, "warmed", Ct));
        var listed = await scene.AddressAsync(server, "warmed", Ct);
        await scene.QueryAsync(
            """UPDATE smtp_ip_addresses SET provider_blacklist_status = '{"spamcop": {"listed": true}, "barracuda": {"listed": false}}' WHERE id = $1""", Ct, listed);
        await scene.AddressAsync(server, "degraded", Ct);
        await scene.AddressAsync(await GoingServerAsync(), "warmed", Ct);
        var tenant = await scene.TenantAsync(Ct);

        var taken = new List<string>();
        for (var number = 0; number < 41; number++)
        {
            var domain = await scene.DomainAsync(tenant, Ct);
            await scene.Places.GiveAsync(tenant, domain, Ct);
            taken.Add((await scene.PlacesOfAsync(domain, Ct)).Single());
        }

        // Two at a time, which are equally loaded before.
        taken.Take(16).Chunk(2).ShouldAllBe(pair => pair.Order().SequenceEqual(new[] { $"active|{first}", $"active|{second}" }.Order()));
        taken.Skip(16).Take(16).Chunk(2).ShouldAllBe(
            pair => pair.Order().SequenceEqual(new[] { $"warming|{warming}", $"warming|{recovered}" }.Order()));
        taken.Skip(32).ShouldBe([.. Enumerable.Repeat($"warming|{free}", 8), "scheduled|"]);
        (await scene.StateAsync(free, Ct)).ShouldBe("assigned|8");
    }

    [Fact]
    public async Task A_tenant_with_addresses_of_its_own_uses_those_alone_and_nobody_else_does()
    {
        var server = await scene.ServerAsync(Ct);
        var (own, shared) = (await scene.AddressAsync(server, "warmed", Ct), await scene.AddressAsync(server, "available", Ct));
        var (tenant, other) = (await scene.TenantAsync(Ct), await scene.TenantAsync(Ct));
        await scene.QueryAsync("UPDATE smtp_ip_addresses SET dedicated_tenant_id = $2 WHERE id = $1", Ct, own, tenant);
        for (var number = 0; number < 10; number++)
        {
            (await scene.Places.GiveAsync(tenant, await scene.DomainAsync(tenant, Ct), Ct)).ShouldBeTrue();
        }

        (await scene.Places.GiveAsync(other, await scene.DomainAsync(other, Ct), Ct)).ShouldBeTrue();

        (await scene.StateAsync(own, Ct)).ShouldBe("warmed|10");
        (await scene.StateAsync(shared, Ct)).ShouldBe("assigned|1");
        await scene.QueryAsync("DELETE FROM tenants WHERE id = $1", Ct, tenant);
        (await scene.StateAsync(own, Ct)).ShouldBe("warmed|0", "its domains went with the tenant, and it is shared again");
        (await scene.QueryAsync("SELECT dedicated_tenant_id IS NULL FROM smtp_ip_addresses WHERE id = $1", Ct, own)).ShouldBe(["True"]);
    }

    [Fact]
    public async Task When_its_own_address_is_warmed_a_domain_leaves_the_one_it_was_on_besides()
    {
        var server = await scene.ServerAsync(Ct);
        var young = await scene.AddressAsync(server, "warming", Ct, days: 13);
        var tenant = await scene.TenantAsync(Ct);
        var domain = await scene.DomainAsync(tenant, Ct);
        await scene.Places.GiveAsync(tenant, domain, Ct);
        var warmed = await scene.AddressAsync(server, "warmed", Ct);
        (await scene.Places.GiveWarmedAsync(tenant, domain, Ct)).ShouldBeTrue();
        (await scene.PlacesOfAsync(domain, Ct)).ShouldBe([$"active|{warmed}", $"warming|{young}"]);
        await scene.SentAsync(young, 100, Ct);

        scene.Clock.Pass(TimeSpan.FromDays(1));
        await scene.Job.RunAsync(Ct);

        (await scene.PlacesOfAsync(domain, Ct)).ShouldBe([$"active|{young}"]);
        (await scene.StateAsync(young, Ct)).ShouldBe("warmed|1");
        (await scene.StateAsync(warmed, Ct)).ShouldBe("warmed|0");
    }

    [Fact]
    public async Task Domains_leave_a_quarantined_address_and_who_finds_no_room_gets_the_next()
    {
        var server = await scene.ServerAsync(Ct);
        var bad = await scene.AddressAsync(server, "warmed", Ct);
        var tenant = await scene.TenantAsync(Ct);
        var domains = new List<Guid>();
        for (var number = 0; number < 8; number++)
        {
            domains.Add(await scene.DomainAsync(tenant, Ct));
            await scene.Places.GiveAsync(tenant, domains[^1], Ct);
        }

        var good = await scene.AddressAsync(server, "warmed", Ct);
        for (var number = 0; number < 3; number++)
        {
            await scene.Places.GiveAsync(tenant, await scene.DomainAsync(tenant, Ct), Ct);
        }

        await scene.Life.ChangeAsync(bad, (_, address) => Task.FromResult(address.Quarantine("It must go.", null, scene.Clock.Now)), Ct);

        (await scene.StateAsync(bad, Ct)).ShouldBe("quarantined|0");
        (await scene.StateAsync(good, Ct)).ShouldBe("warmed|8");
        (await scene.QueryAsync("SELECT count(*) FROM domain_ip_assignments WHERE status = 'scheduled'", Ct)).ShouldBe(["3"]);
        (await host.QueryAsync("SELECT severity, message FROM system_notifications WHERE dedup_key = $1", Ct, $"address:{bad}:quarantined:-"))
            .ShouldBe(["critical|It must go."]);

        var fresh = await scene.AddressAsync(server, "available", Ct);
        await scene.Job.RunAsync(Ct);

        (await scene.StateAsync(fresh, Ct)).ShouldBe("assigned|3");
        foreach (var domain in domains)
        {
            (await scene.PlacesOfAsync(domain, Ct)).Count.ShouldBe(1);
        }
    }

    [Fact]
    public async Task Before_a_server_goes_its_domains_move_to_other_servers_as_far_as_there_is_room()
    {
        var (old, other) = (await scene.ServerAsync(Ct), await scene.ServerAsync(Ct));
        var (leaving, beside) = (await scene.AddressAsync(old, "warmed", Ct), await scene.AddressAsync(old, "warmed", Ct));
        var tenant = await scene.TenantAsync(Ct);
        for (var number = 0; number < 9; number++)
        {
            await scene.Places.GiveAsync(tenant, await scene.DomainAsync(tenant, Ct), Ct);
        }

        var first = await scene.AddressAsync(other, "warmed", Ct);
        (await ClearAsync(old)).ShouldBeFalse("one has no room elsewhere");
        (await scene.StateAsync(first, Ct)).ShouldBe("warmed|8");
        (await scene.QueryAsync("SELECT sum(assigned_count) FROM smtp_ip_addresses WHERE vps_instance_id = $1", Ct, old)).ShouldBe(["1"], "it stays");
        await scene.AddressAsync(other, "available", Ct);
        (await ClearAsync(old)).ShouldBeTrue();

        await using var db = scene.Platform.Open("test");
        await scene.Pool.RetireAsync(db, old, Ct);
        await db.SaveChangesAsync(Ct);
        await scene.Pool.AddAsync(db, other, [.. await db.SmtpIpAddresses.Select(address => address.IpAddress).ToListAsync(Ct), "192.0.2.254"], Ct);
        await db.SaveChangesAsync(Ct);

        foreach (var address in new[] { leaving, beside })
        {
            (await scene.StateAsync(address, Ct)).ShouldBe("burned|0");
        }

        (await scene.QueryAsync("SELECT count(*) FROM smtp_ip_addresses WHERE status = 'available' AND vps_instance_id = $1", Ct, other))
            .ShouldBe(["3"], "the new one, and the two that came again");
    }

    [Fact]
    public async Task A_tenants_only_server_goes_and_its_domains_move_to_the_shared_addresses()
    {
        var (old, other) = (await GoingServerAsync(), await scene.ServerAsync(Ct));
        var tenant = await scene.TenantAsync(Ct);
        var domain = await scene.DomainAsync(tenant, Ct);
        var own = await scene.AddressAsync(old, "warmed", Ct);
        await scene.QueryAsync("UPDATE smtp_ip_addresses SET dedicated_tenant_id = $2 WHERE id = $1", Ct, own, tenant);
        await scene.QueryAsync(
            "INSERT INTO domain_ip_assignments (tenant_id, domain_id, smtp_ip_address_id, status) VALUES ($1, $2, $3, 'active')", Ct, tenant, domain, own);
        var shared = await scene.AddressAsync(other, "warmed", Ct);

        (await ClearAsync(old)).ShouldBeTrue();

        (await scene.PlacesOfAsync(domain, Ct)).ShouldBe([$"active|{shared}"]);
    }

    [Fact]
    public async Task A_domain_without_a_mailbox_of_the_platforms_leaves_its_address_after_a_day()
    {
        var address = await scene.AddressAsync(await scene.ServerAsync(Ct), "warmed", Ct);
        var tenant = await scene.TenantAsync(Ct);
        var (used, unused, fresh) = (await scene.DomainAsync(tenant, Ct), await scene.DomainAsync(tenant, Ct), await scene.DomainAsync(tenant, Ct));
        await scene.QueryAsync("INSERT INTO email_accounts (tenant_id, domain_id, email) VALUES ($1, $2, 'used@places.test')", Ct, tenant, used);
        await scene.QueryAsync(
            "INSERT INTO email_accounts (tenant_id, domain_id, email, provider) VALUES ($1, $2, 'unused@places.test', 'smtp')", Ct, tenant, unused);
        foreach (var domain in new[] { used, unused, fresh })
        {
            await scene.Places.GiveAsync(tenant, domain, Ct);
        }

        await scene.QueryAsync(
            "UPDATE domain_ip_assignments SET created = CASE WHEN domain_id = $1 THEN $2 ELSE $2 - interval '25 hours' END", Ct, fresh, scene.Clock.Now);
        await scene.Job.RunAsync(Ct);

        (await scene.PlacesOfAsync(used, Ct)).ShouldBe([$"active|{address}"]);
        (await scene.PlacesOfAsync(unused, Ct)).ShouldBeEmpty();
        (await scene.PlacesOfAsync(fresh, Ct)).ShouldBe([$"active|{address}"]);
        (await scene.StateAsync(address, Ct)).ShouldBe("warmed|2");
    }

    [Fact]
    public async Task What_staff_were_told_of_an_address_is_settled_when_it_recovers()
    {
        var address = await scene.AddressAsync(await scene.ServerAsync(Ct), "warmed", Ct);
        await scene.SentAsync(address, 100, Ct, bounced: 9);
        await scene.Job.RunAsync(Ct);
        (await scene.StateAsync(address, Ct)).ShouldBe("degraded|0");
        scene.Clock.Pass(TimeSpan.FromDays(1));
        await scene.Job.RunAsync(Ct);
        scene.Clock.Pass(TimeSpan.FromDays(3));
        await scene.Job.RunAsync(Ct);

        (await scene.StateAsync(address, Ct)).ShouldBe("warmed|0");
        (await host.QueryAsync("SELECT resolved IS NOT NULL FROM system_notifications WHERE dedup_key LIKE $1", Ct, $"address:{address}:degraded%"))
            .ShouldBe(["True"]);
    }

    [Fact]
    public async Task One_address_that_cannot_be_looked_at_does_not_keep_the_others_waiting()
    {
        var server = await scene.ServerAsync(Ct);
        var (broken, fine) = (await scene.AddressAsync(server, "warming", Ct), await scene.AddressAsync(server, "warming", Ct));
        await scene.SentAsync(fine, 100, Ct);
        await scene.QueryAsync("UPDATE smtp_ip_addresses SET provider_blacklist_status = '[1]' WHERE id = $1", Ct, broken);

        await Should.ThrowAsync<AggregateException>(((IRecurringJob)scene.Job).RunAsync(Ct));

        (await scene.StateAsync(fine, Ct)).ShouldBe("warmed|0");
    }

    [Fact]
    public async Task Two_hosts_that_look_at_once_change_an_address_once()
    {
        var server = await scene.ServerAsync(Ct);
        var address = await scene.AddressAsync(server, "warmed", Ct);
        await scene.SentAsync(address, 100, Ct, bounced: 9);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => scene.Job.RunAsync(Ct), Ct)));

        (await scene.StateAsync(address, Ct)).ShouldBe("degraded|0");
        (await scene.QueryAsync("SELECT status, sent, bounced, health, reputation_state FROM ip_reputation_history WHERE smtp_ip_address_id = $1", Ct, address))
            .ShouldBe(["degraded|100|9|10.00|critical"]);
        (await host.QueryAsync("SELECT alert_count, severity FROM system_notifications WHERE dedup_key = $1", Ct, $"address:{address}:degraded:-"))
            .ShouldBe(["1|warning"]);
    }

    private async Task<Guid> GoingServerAsync()
    {
        var server = await scene.ServerAsync(Ct);
        await scene.QueryAsync(
            "UPDATE vps_instances SET status = 'scheduled_decommission', decommission_scheduled_for = now() WHERE id = $1", Ct, server);
        return server;
    }

    private async Task<bool> ClearAsync(Guid server)
    {
        await using var db = scene.Platform.Open("test");
        return await scene.Pool.ClearAsync(db, server, "It goes.", Ct);
    }
}
