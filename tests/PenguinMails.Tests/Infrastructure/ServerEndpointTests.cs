using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PenguinMails.Tests.Processes;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>Servers as staff see, order and give them back; the provider is the simulated one.</summary>
public sealed class ServerEndpointTests(HostFixture host) : IAsyncLifetime
{
    private const string Servers = "staff/servers";

    // Each test's own: the table is the whole platform's.
    private readonly string _region = $"r{Guid.CreateVersion7():N}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    // Its addresses must not be in the pool when others look for one.
    public async ValueTask DisposeAsync() => await host.QueryAsync("DELETE FROM vps_instances WHERE region = $1", CancellationToken.None, _region);

    [Fact]
    public async Task Ordered_servers_become_active_and_show_their_addresses()
    {
        var staff = await host.AStaffMemberAsync(role: 1, Ct);

        var ordered = await OrderAsync(staff, count: 2);

        ordered.Count.ShouldBe(2);
        ordered.ShouldAllBe(server => server!.Text("status") == "provisioning" && server!.Text("provider") == "simulated");
        ordered[0]!.Text("name").ShouldBe($"pm-{ordered[0]!.Id():N}");
        var active = await ActiveAsync(staff, ordered[0]!.Id());
        active["server"]!["monthlyCost"]!.GetValue<decimal>().ShouldBe(12.5m);
        active["addresses"]!.AsArray().ShouldHaveSingleItem()!.Text("ipAddress").ShouldBe(active["server"]!.Text("ipAddress"));
        (await staff.GetAsync($"{Servers}?region={_region}", Ct))["items"]!.AsArray().Count.ShouldBe(2);
        await ActiveAsync(staff, ordered[1]!.Id());
        (await staff.GetAsync($"{Servers}?region={_region}&status=provisioning", Ct))["items"]!.AsArray().ShouldBeEmpty();
        var page = await staff.GetAsync($"{Servers}?region={_region}&status=active&limit=1", Ct);
        (await staff.GetAsync($"{Servers}?region={_region}&status=active&limit=1&cursor={page.Text("nextCursor")}", Ct))["items"]!.AsArray()
            .ShouldHaveSingleItem()!.Id().ShouldBe(ordered.Min(server => server!.Id()));
    }

    [Fact]
    public async Task A_decommission_is_scheduled_for_the_periods_end_and_can_be_called_off()
    {
        var staff = await host.AStaffMemberAsync(role: 1, Ct);
        var id = (await OrderAsync(staff))[0]!.Id();
        await (await staff.Http.PostAsJsonAsync($"{Servers}/{id}/decommission", new { Reason = "Too early" }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        var active = await ActiveAsync(staff, id);

        var scheduled = await staff.PostAsync($"{Servers}/{id}/decommission", new { Reason = "No need" }, Ct);

        scheduled.Text("status").ShouldBe("scheduled_decommission");
        scheduled.Text("decommissionScheduledFor").ShouldBe(active["server"]!.Text("currentBillingPeriodEnd"));
        (scheduled.Text("decommissionCause"), scheduled.Text("decommissionReason")).ShouldBe(("staff", "No need"));
        var again = await staff.Http.PostAsJsonAsync($"{Servers}/{id}/decommission", new { Reason = "Again" }, Ct);
        (await again.ProblemAsync(HttpStatusCode.Conflict, Ct)).Text("title").ShouldBe("Only an active server can be decommissioned; this one is scheduled_decommission.");
        (await staff.PostAsync($"{Servers}/{id}/cancel-decommission", new { }, Ct)).Text("status").ShouldBe("active");
        await (await staff.Http.PostAsync($"{Servers}/{id}/cancel-decommission", null, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await host.QueryAsync(
            "SELECT action, reason FROM audit_log WHERE resource_id = $1 AND action LIKE 'servers.%' ORDER BY created", Ct, id.ToString()))
            .ShouldBe(["servers.order|", "servers.decommission|No need", "servers.cancel_decommission|"]);
    }

    [Fact]
    public async Task Once_its_date_has_come_it_cannot_be_called_off()
    {
        var staff = await host.AStaffMemberAsync(role: 1, Ct);
        var id = (await OrderAsync(staff))[0]!.Id();
        await ActiveAsync(staff, id);
        // One of Hostwinds, which the host has no key for: nobody gives it back meanwhile.
        await host.QueryAsync(
            """
            UPDATE vps_instances SET provider = 'hostwinds', status = 'scheduled_decommission', decommission_scheduled_for = now() - interval '1 second'
            WHERE id = $1
            """, Ct, id);

        var answer = await staff.Http.PostAsync($"{Servers}/{id}/cancel-decommission", null, Ct);

        (await answer.ProblemAsync(HttpStatusCode.Conflict, Ct)).Text("title").ShouldBe("Its date has come: it is being given back.");
    }

    [Fact]
    public async Task An_order_is_withdrawn_only_while_nobody_was_asked()
    {
        var staff = await host.AStaffMemberAsync(role: 1, Ct);
        var (free, asked) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await host.QueryAsync(
            "INSERT INTO vps_instances (id, region, create_requested) VALUES ($1, $3, NULL), ($2, $3, now())", Ct, free, asked, _region);

        (await staff.Http.DeleteAsync($"{Servers}/{free}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await (await staff.Http.DeleteAsync($"{Servers}/{free}", Ct)).ProblemAsync(HttpStatusCode.NotFound, Ct);
        await (await staff.Http.DeleteAsync($"{Servers}/{asked}", Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
    }

    [Fact]
    public async Task Costs_are_of_whole_periods_until_a_server_goes()
    {
        var staff = await host.AStaffMemberAsync(role: 1, Ct);
        var (stays, goes) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await host.QueryAsync(
            """
            INSERT INTO vps_instances (id, region, status, monthly_cost, hostwinds_billing_day, activated, decommission_scheduled_for, decommissioned) VALUES
                ($1, $3, 'active', 10, 1, now() - interval '70 days', NULL, NULL),
                ($2, $3, 'scheduled_decommission', 5.5, 1, now(), date_trunc('month', now(), 'UTC') + interval '1 month', NULL)
            """, Ct, stays, goes, _region);
        await host.QueryAsync(
            "INSERT INTO smtp_ip_addresses (vps_instance_id, ip_address, status) VALUES ($1, $2, 'quarantined'), ($1, $3, 'quarantined'), ($1, $4, 'burned')", Ct,
            stays, $"{stays:N}"[..20], $"{stays:N}"[..21], $"{stays:N}"[..22]);

        var costs = await staff.GetAsync($"{Servers}/costs", Ct);

        var region = costs["regions"]!.AsArray().Single(item => item!["region"]?.GetValue<string>() == _region)!;
        (region.Number("servers"), region["monthly"]!.GetValue<decimal>()).ShouldBe((2, 15.5m));
        var server = costs["servers"]!.AsArray().Single(item => item!.Id() == stays)!;
        (server.Number("addresses"), server["perAddress"]!.GetValue<decimal>()).ShouldBe((2, 5m));
        (costs["monthly"]!.GetValue<decimal>() - costs["monthlyWithoutScheduled"]!.GetValue<decimal>()).ShouldBeGreaterThanOrEqualTo(5.5m);
        costs["months"]!.AsArray().Count.ShouldBe(13);
    }

    [Fact]
    public async Task What_cannot_be_ordered_is_refused_by_field()
    {
        var staff = await host.AStaffMemberAsync(role: 1, Ct);
        (object Body, HttpStatusCode Status, string Field)[] wrong =
        [
            (new { Region = "" }, HttpStatusCode.BadRequest, "region"),
            (new { Region = _region, Count = 11 }, HttpStatusCode.BadRequest, "count"),
            (new { Region = _region, Count = 0 }, HttpStatusCode.BadRequest, "count"),
            (new { Region = _region, MonthlyCost = -1 }, HttpStatusCode.BadRequest, "monthlyCost"),
            (new { Region = _region, MonthlyCost = 1.234 }, HttpStatusCode.BadRequest, "monthlyCost"),
            (new { Region = _region, DedicatedTenantId = Guid.CreateVersion7() }, HttpStatusCode.UnprocessableEntity, "dedicatedTenantId"),
        ];
        foreach (var (body, status, field) in wrong)
        {
            var answer = await staff.Http.PostAsJsonAsync(Servers, body, Ct);
            (await answer.ProblemAsync(status, Ct)).Fields().ShouldBe([field]);
        }

        (await (await staff.Http.GetAsync($"{Servers}?status=lost", Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["status"]);
        (await staff.GetAsync($"{Servers}?region={_region}", Ct))["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_staff_with_the_permission_see_and_change_them()
    {
        var (qa, owner) = (await host.AStaffMemberAsync(role: 4, Ct), await host.ATenantAsync(Ct));
        var id = Guid.CreateVersion7();
        foreach (var path in new[] { Servers, $"{Servers}/costs", "staff/blocklists" })
        {
            (await qa.Http.GetAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK, path);
            (await owner.Http.GetAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
        }

        foreach (var person in new[] { qa, owner })
        {
            foreach (var path in new[] { Servers, $"{Servers}/sync", $"{Servers}/{id}/decommission", $"{Servers}/{id}/cancel-decommission", "staff/blocklists/check" })
            {
                (await person.Http.PostAsJsonAsync(path, new { Region = _region, Reason = "R", AddressId = id }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
            }
        }
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_not_found()
    {
        var staff = await host.AStaffMemberAsync(role: 2, Ct);
        var path = $"{Servers}/{Guid.CreateVersion7()}";
        HttpResponseMessage[] answers =
        [
            await staff.Http.GetAsync(path, Ct), await staff.Http.DeleteAsync(path, Ct), await staff.Http.PostAsync($"{path}/cancel-decommission", null, Ct),
            await staff.Http.PostAsJsonAsync($"{path}/decommission", new { Reason = "R" }, Ct),
            await staff.Http.PostAsJsonAsync("staff/blocklists/check", new { AddressId = Guid.CreateVersion7() }, Ct),
        ];
        foreach (var answer in answers)
        {
            await answer.ProblemAsync(HttpStatusCode.NotFound, Ct);
        }
    }

    [Fact]
    public async Task Without_a_provider_nothing_can_be_ordered_and_an_address_is_checked_on_request()
    {
        using var dns = DnsZones.Start();
        dns.Set("2.0.0.127.zen.spamhaus.org", "A", "127.0.0.2");
        await using var process = await HostProcess.BesideAsync(
            host, Ct, "--Hostwinds:Simulate=false", $"--Blocklists:Resolver={dns.EndPoint}");
        var staff = process.For(await host.AStaffMemberAsync(role: 1, Ct));
        var (server, address) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var ip = $"{Random.Shared.Next(11, 100)}.{Random.Shared.Next(256)}.{Random.Shared.Next(256)}.7";
        await host.QueryAsync("INSERT INTO vps_instances (id, region) VALUES ($1, $2)", Ct, server, _region);
        await host.QueryAsync("INSERT INTO smtp_ip_addresses (id, vps_instance_id, ip_address, status) VALUES ($1, $2, $3, 'quarantined')", Ct, address, server, ip);
        dns.Set($"{string.Join('.', ip.Split('.').Reverse())}.zen.spamhaus.org", "A", "127.0.0.2");

        var order = await staff.Http.PostAsJsonAsync(Servers, new { Region = _region }, Ct);
        var listings = await staff.PostAsync("staff/blocklists/check", new { AddressId = address }, Ct);

        (await order.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Text("title")
            .ShouldBe("No provider is configured: set Hostwinds:ApiKey, or Hostwinds:Simulate.");
        var listing = listings["items"]!.AsArray().ShouldHaveSingleItem()!;
        (listing.Text("list"), listing.Text("code"), listing["listed"]!.GetValue<bool>()).ShouldBe(("spamhaus_zen", "127.0.0.2", true));
        var lists = (await staff.GetAsync("staff/blocklists", Ct))["items"]!.AsArray();
        lists.Count.ShouldBe(6);
        lists.Single(list => list!.Text("name") == "spamhaus_zen")!["isUsable"]!.GetValue<bool>().ShouldBeTrue();
        lists.Single(list => list!.Text("name") == "barracuda")!.Text("fault").ShouldBe("b.barracudacentral.org does not list 127.0.0.2, which each list has.");
    }

    [Fact]
    public async Task A_tenant_sees_the_listings_of_its_domain()
    {
        var (tenant, stranger) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var domain = await tenant.ADomainAsync(Ct);
        (await tenant.GetAsync($"domains/{domain.Id()}/blacklists", Ct))["items"]!.AsArray().ShouldBeEmpty();
        await host.QueryAsync(
            """
            UPDATE domains SET blacklist_status = '{"uribl": {"listed": true, "code": "127.0.0.2", "since": "2026-01-01T00:00:00Z", "checked": "2026-01-02T00:00:00Z"}}'
            WHERE id = $1
            """, Ct, domain.Id());

        var listing = (await tenant.GetAsync($"domains/{domain.Id()}/blacklists", Ct))["items"]!.AsArray().ShouldHaveSingleItem()!;

        (listing.Text("list"), listing.Text("code")).ShouldBe(("uribl", "127.0.0.2"));
        (await stranger.Http.GetAsync($"domains/{domain.Id()}/blacklists", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private async Task<JsonArray> OrderAsync(TenantClient staff, int count = 1)
    {
        var answer = await staff.Http.PostAsJsonAsync(Servers, new { Region = _region, Count = count, MonthlyCost = 12.5 }, Ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        return (await answer.ReadAsync(Ct))["items"]!.AsArray();
    }

    // The host's own run may be at the same rows: then it does the next step.
    private static Task<JsonNode> ActiveAsync(TenantClient staff, Guid id) => Given.EventuallyAsync(
        async () =>
        {
            await staff.PostAsync($"{Servers}/sync", new { }, Ct);
            return await staff.GetAsync($"{Servers}/{id}", Ct);
        },
        found => found["server"]!.Text("status") == "active", Ct);
}
