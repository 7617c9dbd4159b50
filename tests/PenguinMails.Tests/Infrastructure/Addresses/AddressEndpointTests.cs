using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Infrastructure.Addresses;

/// <summary>Addresses as staff and tenants see and change them.</summary>
public sealed class AddressEndpointTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_verified_domain_gets_an_address_when_it_is_asked_for_once()
    {
        var tenant = await host.ATenantAsync(Ct);
        var address = await host.AnAddressAsync(tenant, "warmed", Ct);
        var path = $"domains/{(await tenant.ADomainAsync(Ct)).Id()}/address";
        (await tenant.GetAsync(path, Ct))["addresses"]!.AsArray().ShouldBeEmpty();

        var given = await tenant.PostAsync(path, new { }, Ct);
        (await tenant.PostAsync(path, new { }, Ct)).ToJsonString().ShouldBe(given.ToJsonString());

        given["isWaiting"]!.GetValue<bool>().ShouldBeFalse();
        var place = given["addresses"]!.AsArray().ShouldHaveSingleItem()!;
        place["smtpIpAddressId"]!.GetValue<Guid>().ShouldBe(address);
        (place.Text("status"), place.Text("addressStatus"), place.Number("sendsToday")).ShouldBe(("active", "warmed", 1200));
        var unverified = await tenant.PostAsync("domains", new { tenant.CompanyId, Domain = $"d{Guid.CreateVersion7():N}.example" }, Ct);
        await (await tenant.Http.PostAsJsonAsync($"domains/{unverified.Id()}/address", new { }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
    }

    [Fact]
    public async Task Staff_quarantine_an_address_and_its_domain_moves_and_both_are_written_down()
    {
        var (staff, tenant) = (await host.AStaffMemberAsync(role: 1, Ct), await host.ATenantAsync(Ct));
        var first = await host.AnAddressAsync(tenant, "warmed", Ct);
        var domain = (await tenant.ADomainAsync(Ct)).Id();
        await tenant.PostAsync($"domains/{domain}/address", new { }, Ct);
        var second = await host.AnAddressAsync(tenant, "available", Ct);

        var answer = await staff.PostAsync($"staff/addresses/{first}/quarantine", new { Reason = "It looks odd." }, Ct);

        answer.Text("status").ShouldBe("quarantined");
        (await tenant.GetAsync($"domains/{domain}/address", Ct))["addresses"]!.AsArray().Single()!["smtpIpAddressId"]!.GetValue<Guid>().ShouldBe(second);
        var shown = await staff.GetAsync($"staff/addresses/{first}", Ct);
        shown["assignments"]!.AsArray().ShouldBeEmpty();
        var change = shown["history"]!.AsArray().ShouldHaveSingleItem()!;
        (change.Text("status"), change.Text("reason")).ShouldBe(("quarantined", "It looks odd."));
        var place = (await staff.GetAsync($"staff/addresses/{second}", Ct))["assignments"]!.AsArray().ShouldHaveSingleItem()!;
        (place["tenantId"]!.GetValue<Guid>(), place["companyId"]!.GetValue<Guid>(), place["domainId"]!.GetValue<Guid>())
            .ShouldBe((tenant.TenantId, tenant.CompanyId, domain));
        (await host.QueryAsync("SELECT reason, metadata->>'status' FROM audit_log WHERE action = 'addresses.quarantine' AND resource_id = $1", Ct, first.ToString()))
            .ShouldBe(["It looks odd.|warmed -> quarantined"]);
        await ConflictAsync(staff, $"staff/addresses/{first}/quarantine", new { Reason = "Again." });
        await ConflictAsync(staff, $"staff/addresses/{first}/release", new { Reason = "Too early." });
    }

    [Fact]
    public async Task Who_may_only_read_changes_nothing()
    {
        var (support, tenant) = (await host.AStaffMemberAsync(role: 4, Ct), await host.ATenantAsync(Ct));
        var address = await host.AnAddressAsync(tenant, "warmed", Ct);
        (await support.GetAsync($"staff/addresses?tenantId={tenant.TenantId}", Ct))["items"]!.AsArray().ShouldHaveSingleItem()!.Id().ShouldBe(address);

        foreach (var verb in new[] { "quarantine", "burn", "release", "dedicate" })
        {
            var answer = await support.Http.PostAsJsonAsync($"staff/addresses/{address}/{verb}", new { Reason = "R" }, Ct);
            answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden, verb);
        }
    }

    [Fact]
    public async Task An_unused_address_is_released_and_any_is_burned_for_ever()
    {
        var (staff, tenant) = (await host.AStaffMemberAsync(role: 1, Ct), await host.ATenantAsync(Ct));
        var address = await host.AnAddressAsync(tenant, "warmed", Ct);
        await tenant.PostAsync($"domains/{(await tenant.ADomainAsync(Ct)).Id()}/address", new { }, Ct);
        var path = $"staff/addresses/{address}";
        await ConflictAsync(staff, $"{path}/release", new { Reason = "It has a domain." });
        await host.QueryAsync("DELETE FROM domains WHERE tenant_id = $1", Ct, tenant.TenantId);

        var released = await staff.PostAsync($"{path}/release", new { Reason = "Nobody uses it." }, Ct);
        var burned = await staff.PostAsync($"{path}/burn", new { Reason = "It is worn." }, Ct);

        (released.Text("status"), released["warmingStarted"]).ShouldBe(("available", null));
        burned.Text("status").ShouldBe("burned");
        await ConflictAsync(staff, $"{path}/burn", new { Reason = "Again." });
        await ConflictAsync(staff, $"{path}/quarantine", new { Reason = "Too late." });
        await ConflictAsync(staff, $"{path}/dedicate", new { tenant.TenantId });
        (await staff.GetAsync("staff/addresses?status=burned&limit=200", Ct))["items"]!.AsArray().ShouldContain(item => item!.Id() == address);
    }

    [Fact]
    public async Task An_address_is_given_to_a_tenant_and_taken_back_only_when_what_is_on_it_fits()
    {
        var staff = await host.AStaffMemberAsync(role: 1, Ct);
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var address = await host.AnAddressAsync(tenant, "warmed", Ct);
        var path = $"staff/addresses/{address}/dedicate";
        for (var number = 0; number < 9; number++)
        {
            var domain = Guid.CreateVersion7();
            await host.QueryAsync("INSERT INTO domains (id, tenant_id, domain) VALUES ($1, $2, $3)", Ct, domain, tenant.TenantId, $"{domain:N}.test");
            await host.QueryAsync(
                "INSERT INTO domain_ip_assignments (tenant_id, domain_id, smtp_ip_address_id, status) VALUES ($1, $2, $3, 'active')", Ct,
                tenant.TenantId, domain, address);
        }

        await ConflictAsync(staff, path, new { other.TenantId });
        await ConflictAsync(staff, path, new { TenantId = default(Guid?) });
        (await (await staff.Http.PostAsJsonAsync(path, new { TenantId = Guid.CreateVersion7() }, Ct)).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct))
            .Fields().ShouldBe(["tenantId"]);
        await host.QueryAsync("DELETE FROM domains WHERE tenant_id = $1", Ct, tenant.TenantId);

        (await staff.PostAsync(path, new { other.TenantId }, Ct))["dedicatedTenantId"]!.GetValue<Guid>().ShouldBe(other.TenantId);
        (await host.QueryAsync("SELECT metadata->>'dedicated_tenant_id' FROM audit_log WHERE action = 'addresses.dedicate' AND resource_id = $1", Ct, address.ToString()))
            .ShouldBe([$"{tenant.TenantId} -> {other.TenantId}"]);
        await (await staff.Http.PostAsJsonAsync($"staff/addresses/{Guid.CreateVersion7()}/dedicate", new { other.TenantId }, Ct))
            .ProblemAsync(HttpStatusCode.NotFound, Ct);
    }

    [Fact]
    public async Task A_tenant_sees_shared_addresses_and_its_own_but_not_whose_the_others_are()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var (own, others) = (await host.AnAddressAsync(tenant, "warmed", Ct), await host.AnAddressAsync(other, "warmed", Ct));
        await using var scope = host.ScopeOf(tenant.TenantId);
        var db = Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions
            .GetRequiredService<PenguinMails.Infrastructure.Data.InfrastructureDb>(scope.ServiceProvider);

        db.SmtpIpAddresses.Where(address => address.Id == own || address.Id == others).Select(address => address.Id).ShouldBe([own]);
    }

    [Fact]
    public async Task Capacity_shows_what_there_is_and_who_waits()
    {
        var (staff, tenant) = (await host.AStaffMemberAsync(role: 4, Ct), await host.ATenantAsync(Ct));
        await host.AnAddressAsync(tenant, "quarantined", Ct);
        await tenant.PostAsync($"domains/{(await tenant.ADomainAsync(Ct)).Id()}/address", new { }, Ct);

        var capacity = await staff.GetAsync("staff/addresses/capacity", Ct);

        capacity["byStatus"]!.AsObject().Select(status => status.Key).ShouldBe(
            ["available", "assigned", "warming", "warmed", "degraded", "burned", "quarantined"], ignoreOrder: true);
        capacity["byStatus"]!.Number("quarantined").ShouldBeGreaterThan(0);
        capacity.Number("waitingTenants").ShouldBeGreaterThan(0);
        capacity["buffer"]!["wanted"]!.GetValue<double>().ShouldBe(0.2);
    }

    [Theory]
    // 10 warmed addresses: 12,000 a day.
    [InlineData(10, 9600, 0.2, 0)]
    [InlineData(10, 9601, 0.2, 1)]
    [InlineData(10, 12000, 0, 3)]
    [InlineData(0, 0, 0, 0)]
    public void The_buffer_is_a_fifth_of_what_warmed_addresses_may_send(int addresses, int used, double free, int missing)
    {
        var reserve = PenguinMails.Infrastructure.Features.Addresses.GetAddressCapacity.ReserveOf(
            addresses, used, new PenguinMails.Infrastructure.Addresses.AddressOptions());

        (reserve.Free, reserve.MissingAddresses).ShouldBe((free, missing));
    }

    [Fact]
    public async Task What_is_malformed_is_refused_by_its_field()
    {
        var staff = await host.AStaffMemberAsync(role: 1, Ct);

        (await (await staff.Http.GetAsync("staff/addresses?status=tepid", Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["status"]);
        (await (await staff.Http.PostAsJsonAsync($"staff/addresses/{Guid.CreateVersion7()}/burn", new { Reason = "" }, Ct))
            .ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["reason"]);
    }

    private static async Task<JsonNode> ConflictAsync(TenantClient staff, string path, object body) =>
        await (await staff.Http.PostAsJsonAsync(path, body, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
}
