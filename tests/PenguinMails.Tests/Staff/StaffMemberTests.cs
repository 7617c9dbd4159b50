using System.Net;
using System.Net.Http.Json;
using PenguinMails.Tests.Processes;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Staff;

public sealed class StaffMemberTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_member_is_added_changed_and_removed_and_each_takes_effect_at_once()
    {
        var (admin, person) = (await host.AStaffMemberAsync(role: 1, Ct), await host.ATenantAsync(Ct));
        await person.WithTwoFactorsAsync(Ct);
        (await person.Http.GetAsync("staff/tenants", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        var member = await admin.PostAsync("staff/members", new { Email = person.Email.ToUpperInvariant(), Role = "support", Notes = "Nights" }, Ct);
        member["userId"]!.GetValue<Guid>().ShouldBe(person.UserId);
        (member.Text("role"), member.Text("email"), member.Text("notes")).ShouldBe(("support", person.Email, "Nights"));
        (await person.Http.GetAsync("staff/tenants", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await person.Http.GetAsync("staff/members", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        var path = $"staff/members/{person.UserId}";
        var changed = await (await admin.Http.PutAsJsonAsync(path, new { Role = "admin", Notes = (string?)null }, Ct)).ReadAsync(Ct);
        changed.Text("role").ShouldBe("admin");
        (await admin.GetAsync(path, Ct)).ToJsonString().ShouldBe(changed.ToJsonString());
        (await person.Http.GetAsync("staff/members", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await admin.Http.DeleteAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await person.Http.GetAsync("staff/tenants", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await person.Http.GetAsync("account", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await (await admin.Http.GetAsync(path, Ct)).ProblemAsync(HttpStatusCode.NotFound, Ct);
        (await host.QueryAsync(
            "SELECT action, metadata ->> 'role' FROM audit_log WHERE resource_id = $1 AND action LIKE 'staff.%' ORDER BY created", Ct, person.UserId.ToString()))
            .ShouldBe(["staff.add|support", "staff.change|support -> admin", "staff.remove|"]);
    }

    [Fact]
    public async Task The_list_shows_who_is_of_the_staff_by_name()
    {
        var admin = await host.AStaffMemberAsync(role: 2, Ct);

        var first = await admin.GetAsync("staff/members?limit=1", Ct);

        first["items"]!.AsArray().ShouldHaveSingleItem();
        first["nextCursor"].ShouldNotBeNull();
        var all = (await admin.GetAsync("staff/members?limit=200", Ct))["items"]!.AsArray();
        var own = all.Single(item => item!["userId"]!.GetValue<Guid>() == admin.UserId)!;
        (own.Text("email"), own.Text("name"), own.Text("role")).ShouldBe((admin.Email, "Some Owner", "admin"));
    }

    [Fact]
    public async Task The_roles_are_listed_with_their_permissions()
    {
        var admin = await host.AStaffMemberAsync(role: 2, Ct);

        var roles = (await admin.GetAsync("staff/roles", Ct))["items"]!.AsArray();

        roles.Select(role => role!.Text("name")).ShouldBe(["super_admin", "admin", "support", "qa"]);
        roles[0]!["permissions"]!.AsArray().Count.ShouldBe(28);
        roles[2]!["permissions"]!.AsArray().Select(name => name!.GetValue<string>()).ShouldNotContain("users.read_pii");
    }

    [Fact]
    public async Task Nobody_becomes_a_member_without_an_account_with_a_verified_address_or_with_an_unknown_role_or_twice()
    {
        var (admin, person) = (await host.AStaffMemberAsync(role: 1, Ct), await host.ATenantAsync(Ct));
        await host.QueryAsync("UPDATE users SET email_verified = NULL WHERE id = $1", Ct, person.UserId);

        (await RefusalAsync(new { person.Email, Role = "qa" }, HttpStatusCode.UnprocessableEntity)).ShouldBe(["email"]);
        (await RefusalAsync(new { Email = "nobody@tenant.test", Role = "qa" }, HttpStatusCode.UnprocessableEntity)).ShouldBe(["email"]);
        (await RefusalAsync(new { admin.Email, Role = "captain" }, HttpStatusCode.UnprocessableEntity)).ShouldBe(["role"]);
        (await RefusalAsync(new { admin.Email, Role = "qa" }, HttpStatusCode.Conflict)).ShouldBeEmpty();
        (await RefusalAsync(new { Email = "", Role = "" }, HttpStatusCode.BadRequest)).ShouldBe(["email", "role"]);

        async Task<IReadOnlyList<string>> RefusalAsync(object body, HttpStatusCode status) =>
            (await (await admin.Http.PostAsJsonAsync("staff/members", body, Ct)).ProblemAsync(status, Ct)).Fields();
    }

    [Fact]
    public async Task Nobody_changes_their_own_role_or_removes_themselves()
    {
        var admin = await host.AStaffMemberAsync(role: 1, Ct);
        var path = $"staff/members/{admin.UserId}";

        await (await admin.Http.PutAsJsonAsync(path, new { Role = "qa" }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        await (await admin.Http.DeleteAsync(path, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);

        // One's own notes are one's own.
        (await (await admin.Http.PutAsJsonAsync(path, new { Role = "super_admin", Notes = "Me" }, Ct)).ReadAsync(Ct)).Text("notes").ShouldBe("Me");
    }

    [Fact]
    public async Task The_configured_account_becomes_the_first_super_admin_and_of_two_who_remove_each_other_at_once_one_stays()
    {
        await using var database = new ScratchDatabase(host);
        await database.CopyAsync(Ct);
        TenantClient first, second;
        await using (var before = await HostProcess.BesideAsync(host, Ct, database.HostOptions))
        {
            first = await before.ATenantAsync(Ct, address => host.CodeAsync(address, Ct));
            second = await before.ATenantAsync(Ct, address => host.CodeAsync(address, Ct));
            await first.WithTwoFactorsAsync(Ct);
            await second.WithTwoFactorsAsync(Ct);
            (await first.Http.GetAsync("staff/members", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        }

        await using var process = await HostProcess.BesideAsync(host, Ct, [.. database.HostOptions, $"--Staff:FirstSuperAdmin={first.Email}"]);
        (first, second) = (process.For(first), process.For(second));
        await first.PostAsync("staff/members", new { second.Email, Role = "super_admin" }, Ct);
        await using var administrator = await database.OpenAsync(Ct);

        // Both are let in, then wait for each other: the lock is held here until both have come to it.
        await using var hold = await administrator.BeginTransactionAsync(Ct);
        await administrator.ExecuteAsync("SELECT FROM staff_roles WHERE id = 1 FOR UPDATE", Ct);
        var removals = new[]
        {
            first.Http.DeleteAsync($"staff/members/{second.UserId}", Ct), second.Http.DeleteAsync($"staff/members/{first.UserId}", Ct),
        };
        await using var watch = await database.OpenAsync(Ct);
        await Given.EventuallyAsync(
            () => watch.ScalarAsync<long>(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%staff_roles%'", Ct),
            waiting => waiting == 2, Ct);
        await hold.CommitAsync(Ct);

        (await Task.WhenAll(removals)).Select(answer => answer.StatusCode).ShouldBe([HttpStatusCode.NoContent, HttpStatusCode.Conflict], ignoreOrder: true);
        (await administrator.ScalarAsync<long>("SELECT count(*) FROM staff_members WHERE role_id = 1", Ct)).ShouldBe(1);
    }
}
