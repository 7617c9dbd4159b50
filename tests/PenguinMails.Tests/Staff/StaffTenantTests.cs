using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Staff;

/// <summary>Looking tenants up, elevated access, and what needs it.</summary>
public sealed class StaffTenantTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tenant_is_found_by_the_beginning_of_its_name_its_id_or_its_owners_address()
    {
        var (tenant, staff) = (await host.ATenantAsync(Ct), await host.AStaffMemberAsync(role: 3, Ct));
        var name = $"Kelp {Guid.CreateVersion7()} 100%";
        await host.QueryAsync("UPDATE tenants SET name = $2 WHERE id = $1", Ct, tenant.TenantId, name);
        var member = await host.AColleagueAsync(tenant, "member", Ct);

        foreach (var search in new[] { name[..^5].ToUpperInvariant(), name, tenant.TenantId.ToString(), tenant.Email.ToUpperInvariant() })
        {
            var found = (await SearchAsync(staff, search)).ShouldHaveSingleItem();
            (found.Id(), found.Text("name"), found.Number("members")).ShouldBe((tenant.TenantId, name, 2), search);
        }

        // A member is no owner; a wildcard is a character; the middle of a name is not its beginning.
        (await SearchAsync(staff, member.Email)).ShouldBeEmpty();
        (await SearchAsync(staff, name.Replace("Kelp ", "K%"))).ShouldBeEmpty();
        (await SearchAsync(staff, name[1..])).ShouldBeEmpty();
        var page = await staff.GetAsync("staff/tenants?limit=1", Ct);
        (await staff.GetAsync($"staff/tenants?limit=1&cursor={page.Text("nextCursor")}", Ct))["items"]![0]!.Id().ShouldNotBe(page["items"]![0]!.Id());
    }

    [Fact]
    public async Task A_tenant_is_shown_with_its_plan_and_nothing_personal()
    {
        var (tenant, staff) = (await host.ATenantAsync(Ct), await host.AStaffMemberAsync(role: 4, Ct));
        await host.PutOnPlanAsync(tenant, "business", Ct);

        var answer = await staff.GetAsync($"staff/tenants/{tenant.TenantId}", Ct);

        answer.Text("plan").ShouldBe("Business");
        answer["prioritySupport"]!.GetValue<bool>().ShouldBeTrue();
        answer["tenant"]!.Id().ShouldBe(tenant.TenantId);
        answer.ToJsonString().ShouldNotContain(tenant.Email);
    }

    [Fact]
    public async Task Names_and_addresses_are_for_who_may_read_them_and_has_elevated_access_for_the_tenant()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var (support, admin) = (await host.AStaffMemberAsync(role: 3, Ct), await host.AStaffMemberAsync(role: 2, Ct));

        (await PersonAsync(support, tenant))["email"].ShouldBeNull();
        (await PersonAsync(admin, tenant))["name"].ShouldBeNull();
        await ElevateAsync(admin, other.TenantId);
        (await PersonAsync(admin, tenant))["email"].ShouldBeNull();

        var elevation = await ElevateAsync(admin, tenant.TenantId);
        var person = await PersonAsync(admin, tenant);
        (person.Text("email"), person.Text("name"), person["isVerified"]!.GetValue<bool>()).ShouldBe((tenant.Email, "Some Owner", true));
        (await host.QueryAsync(
            "SELECT elevation_id FROM audit_log WHERE actor_user_id = $1 AND tenant_id = $2 AND action LIKE 'GET %' ORDER BY created DESC LIMIT 1",
            Ct, admin.UserId, tenant.TenantId)).ShouldBe([elevation.ToString()]);

        // Its hour is over.
        await host.QueryAsync("UPDATE staff_elevations SET created = created - interval '1 hour', expires = expires - interval '1 hour' WHERE id = $1", Ct, elevation);
        (await PersonAsync(admin, tenant))["email"].ShouldBeNull();

        await ElevateAsync(admin, null);
        (await PersonAsync(admin, tenant)).Text("email").ShouldBe(tenant.Email);
    }

    [Fact]
    public async Task Elevated_access_lasts_an_hour_or_until_it_is_given_back_and_the_tenant_sees_it()
    {
        var (tenant, admin, other) = (await host.ATenantAsync(Ct), await host.AStaffMemberAsync(role: 2, Ct), await host.AStaffMemberAsync(role: 2, Ct));
        var taken = await admin.PostAsync("staff/elevations", new { tenant.TenantId, Reason = "Ticket 7" }, Ct);
        (taken["expires"]!.GetValue<DateTimeOffset>() - taken["created"]!.GetValue<DateTimeOffset>()).ShouldBe(TimeSpan.FromMinutes(60));
        var path = $"staff/elevations/{taken.Id()}";

        // Others of one's rank do not see or end it; who manages staff does.
        await (await other.Http.DeleteAsync(path, Ct)).ProblemAsync(HttpStatusCode.NotFound, Ct);
        (await other.GetAsync("staff/elevations", Ct))["items"]!.AsArray().ShouldBeEmpty();
        (await admin.GetAsync("staff/elevations", Ct))["items"]!.AsArray().ShouldHaveSingleItem()!.Text("reason").ShouldBe("Ticket 7");
        var manager = await host.AStaffMemberAsync(role: 1, Ct);
        (await manager.GetAsync("staff/elevations?limit=200", Ct))["items"]!.AsArray().ShouldContain(item => item!.Id() == taken.Id());

        (await admin.Http.DeleteAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await (await admin.Http.DeleteAsync(path, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await PersonAsync(admin, tenant))["email"].ShouldBeNull();
        (await tenant.GetAsync("security-events?eventType=staff_elevation", Ct))["items"]!.AsArray().ShouldHaveSingleItem();

        (await (await admin.Http.PostAsJsonAsync("staff/elevations", new { TenantId = Guid.CreateVersion7(), Reason = "R" }, Ct))
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["tenantId"]);
        (await (await admin.Http.PostAsJsonAsync("staff/elevations", new { tenant.TenantId }, Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct))
            .Fields().ShouldBe(["reason"]);
    }

    [Fact]
    public async Task A_suspended_tenant_is_closed_at_once_to_people_and_keys_until_it_is_reopened()
    {
        var (tenant, admin) = (await host.ATenantAsync(Ct), await host.AStaffMemberAsync(role: 2, Ct));
        await host.PutOnPlanAsync(tenant, "business", Ct);
        using var program = host.Anonymous();
        program.DefaultRequestHeaders.Add("X-API-Key", (await tenant.PostAsync("api-keys", new { Name = "K", Scopes = new[] { "*:read" } }, Ct)).Text("key"));
        (await program.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var path = $"staff/tenants/{tenant.TenantId}/suspension";

        var refusal = await (await admin.Http.PostAsJsonAsync(path, new { Reason = "Spam" }, Ct)).ProblemAsync(HttpStatusCode.Forbidden, Ct);
        refusal.Text("title").ShouldContain("elevated access");
        (await tenant.Http.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await ElevateAsync(admin, tenant.TenantId);
        (await admin.Http.PostAsJsonAsync(path, new { Reason = "Spam" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await (await tenant.Http.GetAsync("companies", Ct)).ProblemAsync(HttpStatusCode.Forbidden, Ct)).Text("title").ShouldContain("Spam");
        (await program.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        await (await admin.Http.PostAsJsonAsync(path, new { Reason = "Spam" }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await admin.GetAsync($"staff/tenants/{tenant.TenantId}", Ct))["tenant"]!.Text("suspensionReason").ShouldBe("Spam");

        (await admin.Http.DeleteAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await tenant.Http.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await program.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await (await admin.Http.DeleteAsync(path, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await host.QueryAsync(
            "SELECT action, reason, elevation_id IS NOT NULL FROM audit_log WHERE tenant_id = $1 AND action LIKE 'tenants.%' ORDER BY created",
            Ct, tenant.TenantId)).ShouldBe(["tenants.suspend|Spam|True", "tenants.reopen||True"]);
    }

    [Fact]
    public async Task A_deleted_tenant_comes_back_until_it_is_due_to_be_purged()
    {
        var (tenant, admin) = (await host.ATenantAsync(Ct), await host.AStaffMemberAsync(role: 2, Ct));
        var path = $"staff/tenants/{tenant.TenantId}/deletion";
        await ElevateAsync(admin, null);
        await (await admin.Http.DeleteAsync(path, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        await tenant.PostAsync("tenant/deletion", new { Name = "Some Company", Given.Password }, Ct);

        await host.QueryAsync("UPDATE tenants SET delete_after = now() - interval '1 second' WHERE id = $1", Ct, tenant.TenantId);
        await (await admin.Http.DeleteAsync(path, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        await host.QueryAsync("UPDATE tenants SET delete_after = now() + interval '1 day' WHERE id = $1", Ct, tenant.TenantId);
        (await admin.Http.DeleteAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        await tenant.Http.LogInAsync(tenant.Email, Ct);
        (await tenant.GetAsync("companies", Ct))["items"]!.AsArray().ShouldHaveSingleItem()!.Id().ShouldBe(tenant.CompanyId);
        await (await admin.Http.DeleteAsync($"staff/tenants/{Guid.CreateVersion7()}/deletion", Ct)).ProblemAsync(HttpStatusCode.NotFound, Ct);
    }

    [Fact]
    public async Task The_platforms_role_changes_nothing_else_of_a_tenant()
    {
        var tenant = await host.ATenantAsync(Ct);
        await using var connection = new Npgsql.NpgsqlConnection(host.Connections.For("penguinmails_platform"));
        await connection.OpenAsync(Ct);
        await using var command = new Npgsql.NpgsqlCommand($"UPDATE tenants SET name = 'Mine' WHERE id = '{tenant.TenantId}'", connection);

        (await Should.ThrowAsync<Npgsql.PostgresException>(() => command.ExecuteNonQueryAsync(Ct))).SqlState.ShouldBe("42501");
    }

    private static async Task<IReadOnlyList<JsonNode>> SearchAsync(TenantClient staff, string search) =>
        [.. (await staff.GetAsync($"staff/tenants?search={Uri.EscapeDataString(search)}", Ct))["items"]!.AsArray().Select(item => item!)];

    private static async Task<JsonNode> PersonAsync(TenantClient staff, TenantClient tenant)
    {
        var person = (await staff.GetAsync($"staff/tenants/{tenant.TenantId}/users", Ct))["items"]!.AsArray().ShouldHaveSingleItem()!;
        person["userId"]!.GetValue<Guid>().ShouldBe(tenant.UserId);
        return person;
    }

    private static async Task<Guid> ElevateAsync(TenantClient staff, Guid? tenantId) =>
        (await staff.PostAsync("staff/elevations", new { TenantId = tenantId, Reason = "Ticket 1" }, Ct)).Id();
}
