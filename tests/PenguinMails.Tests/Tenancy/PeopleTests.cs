using System.Net;
using System.Net.Http.Json;

namespace PenguinMails.Tests.Tenancy;

/// <summary>Invitations, roles, and who may go.</summary>
public sealed class PeopleTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_invitation_makes_somebody_a_member_once()
    {
        var tenant = await TenantAsync();
        var (email, token) = await InviteAsync(tenant, "viewer");

        (await FieldsAsync(AcceptAsync(token))).ShouldBe(["name", "password"]);
        var accepted = await (await AcceptAsync(token, Given.Password)).ReadAsync(Ct);
        accepted["awaitsApproval"]!.GetValue<bool>().ShouldBeFalse();
        (await AcceptAsync(token, Given.Password)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);

        var http = host.Anonymous();
        (await http.LogInAsync(email, Ct))["tenantId"]!.GetValue<Guid>().ShouldBe(tenant.TenantId);
        (await http.GetAsync("campaigns", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await http.PostAsJsonAsync("campaigns", new { tenant.CompanyId, Name = "C" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await RolesAsync(tenant, accepted["userId"]!.GetValue<Guid>())).ShouldBe(["viewer"]);
        (await host.EventsAsync(tenant, "role_changed", Ct)).ShouldBe(1);
    }

    [Fact]
    public async Task Of_many_who_accept_at_once_one_succeeds()
    {
        var tenant = await TenantAsync();
        var (email, token) = await InviteAsync(tenant, "member");

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => AcceptAsync(token, Given.Password)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        answers.Where(answer => answer.StatusCode != HttpStatusCode.OK)
            .ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.UnprocessableEntity || answer.StatusCode == HttpStatusCode.Conflict);
        (await host.QueryAsync("SELECT count(*) FROM tenant_users WHERE tenant_id = $1 AND email = $2", Ct, tenant.TenantId, email)).ShouldBe(["1"]);
    }

    [Fact]
    public async Task Somebody_with_an_account_joins_with_it()
    {
        var (tenant, other) = (await TenantAsync(), await host.ATenantAsync(Ct));
        var (_, token) = await InviteAsync(tenant, "admin", other.Email);

        await (await AcceptAsync(token)).ReadAsync(Ct);

        (await other.GetAsync("tenants", Ct))["items"]!.AsArray().Select(one => one!.Id()).ShouldContain(tenant.TenantId);
        await other.PostAsync("auth/switch", new { tenant.TenantId }, Ct);
        await (await tenant.Http.PostAsJsonAsync("invitations", new { other.Email, Roles = new[] { "viewer" } }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
    }

    [Fact]
    public async Task An_invitation_that_is_over_or_taken_back_opens_nothing_and_another_can_follow()
    {
        var tenant = await TenantAsync();
        var (email, expired) = await InviteAsync(tenant, "member");
        await host.QueryAsync("UPDATE invitations SET expires = now() - interval '1 second' WHERE tenant_id = $1", Ct, tenant.TenantId);
        (await AcceptAsync(expired, Given.Password)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);

        var second = await tenant.PostAsync("invitations", new { Email = email, Roles = new[] { "member" } }, Ct);
        (second["expires"]!.GetValue<DateTimeOffset>() - second["created"]!.GetValue<DateTimeOffset>()).TotalDays.ShouldBe(7);
        (await tenant.Http.PostAsJsonAsync("invitations", new { Email = email, Roles = new[] { "member" } }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await tenant.Http.DeleteAsync($"invitations/{second.Id()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await tenant.GetAsync("invitations", Ct))["items"]!.AsArray().Select(one => one!.Text("status")).ShouldBe(["revoked", "revoked"]);
        (await tenant.Http.PostAsync($"invitations/{second.Id()}/resend", JsonContent.Create(new { }), Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_resent_invitation_has_a_new_link_and_the_earlier_one_is_dead()
    {
        var tenant = await TenantAsync();
        var (email, first) = await InviteAsync(tenant, "member");
        var invitation = (await tenant.GetAsync("invitations", Ct))["items"]![0]!;
        (await tenant.Http.PostAsJsonAsync($"invitations/{invitation.Id()}/resend", new { }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        await host.QueryAsync("UPDATE invitations SET expires = expires - interval '2 minutes' WHERE id = $1", Ct, invitation.Id());

        (await tenant.Http.PostAsJsonAsync($"invitations/{invitation.Id()}/resend", new { }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        var second = await Given.EventuallyAsync(
            () => Task.FromResult(host.Mail.Where(mail => mail.To.Mailboxes.Any(to => to.Address == email)).Select(Given.TokenOf).SingleOrDefault(token => token != first)),
            token => token is not null, Ct);
        (await AcceptAsync(first, Given.Password)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await AcceptAsync(second!, Given.Password)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Whom_a_member_invites_has_no_role_until_an_administrator_approves()
    {
        var tenant = await TenantAsync();
        var member = await host.AColleagueAsync(tenant, "member", Ct);
        var (email, token) = await InviteAsync(member, "member");
        (await (await AcceptAsync(token, Given.Password)).ReadAsync(Ct))["awaitsApproval"]!.GetValue<bool>().ShouldBeTrue();
        var invited = host.Anonymous();
        var grant = await invited.LogInAsync(email, Ct);

        grant.Text("hindrance").ShouldContain("approve");
        (await invited.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await RolesAsync(tenant, grant["userId"]!.GetValue<Guid>())).ShouldBeEmpty();
        var id = (await tenant.GetAsync("invitations", Ct))["items"]!.AsArray().Single(one => one!.Text("status") == "awaiting_approval")!.Id();
        (await member.Http.PostAsJsonAsync($"invitations/{id}/approve", new { }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        await tenant.PostAsync($"invitations/{id}/approve", new { }, Ct);

        (await invited.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await tenant.Http.PostAsJsonAsync($"invitations/{id}/approve", new { }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task The_policy_says_whether_members_invite_and_whether_whom_they_invite_is_approved()
    {
        var tenant = await TenantAsync();
        var member = await host.AColleagueAsync(tenant, "member", Ct);
        await PoliciesAsync(tenant, new { CompanyAutoApproveMembers = true });
        var (_, token) = await InviteAsync(member, "member");
        (await (await AcceptAsync(token, Given.Password)).ReadAsync(Ct))["awaitsApproval"]!.GetValue<bool>().ShouldBeFalse();

        await PoliciesAsync(tenant, new { CompanyAllowMemberInvites = false });

        (await TryInviteAsync(member, "member")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Nobody_gives_or_takes_a_role_above_the_own()
    {
        var tenant = await TenantAsync();
        var (admin, member) = (await host.AColleagueAsync(tenant, "admin", Ct), await host.AColleagueAsync(tenant, "member", Ct));

        (await TryInviteAsync(member, "admin")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await TryInviteAsync(admin, "owner")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await ChangeAsync(admin, admin.UserId, "owner")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await ChangeAsync(admin, tenant.UserId, "viewer")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await admin.Http.DeleteAsync($"tenant-users/{tenant.UserId}", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await ChangeAsync(member, member.UserId, "admin")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await member.Http.DeleteAsync($"tenant-users/{admin.UserId}", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await (await ChangeAsync(tenant, member.UserId, "king")).ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["roles[0]"]);
    }

    [Fact]
    public async Task A_changed_role_counts_from_the_next_request()
    {
        var tenant = await TenantAsync();
        var member = await host.AColleagueAsync(tenant, "member", Ct);
        (await member.Http.GetAsync("api-keys", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        (await ChangeAsync(tenant, member.UserId, "admin")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await member.Http.GetAsync("api-keys", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_last_owner_stays_even_when_all_owners_step_down_at_once()
    {
        var tenant = await TenantAsync();
        (await ChangeAsync(tenant, tenant.UserId, "admin")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await tenant.Http.DeleteAsync($"tenant-users/{tenant.UserId}", Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        var second = await host.AColleagueAsync(tenant, "owner", Ct);
        var third = await host.AColleagueAsync(tenant, "owner", Ct);

        await Task.WhenAll(
            ChangeAsync(tenant, tenant.UserId, "viewer"),
            second.Http.DeleteAsync($"tenant-users/{second.UserId}", Ct),
            ChangeAsync(third, third.UserId, "viewer"));

        (await host.QueryAsync("SELECT count(*) FROM tenant_users WHERE tenant_id = $1 AND 'owner' = ANY (roles)", Ct, tenant.TenantId)).ShouldBe(["1"]);
    }

    [Fact]
    public async Task Who_is_removed_loses_sessions_and_keys_at_once_and_keeps_the_own_account()
    {
        var tenant = await TenantAsync();
        var admin = await host.AColleagueAsync(tenant, "admin", Ct);
        var key = await admin.PostAsync("api-keys", new { Name = "K", Scopes = new[] { "*:write" } }, Ct);
        var program = host.Anonymous();
        program.DefaultRequestHeaders.Add("X-API-Key", key.Text("key"));
        (await program.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await tenant.Http.DeleteAsync($"tenant-users/{admin.UserId}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await admin.Http.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await program.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await host.EventsAsync(tenant, "api_key_revoked", Ct)).ShouldBe(1);
        (await host.Anonymous().LogInAsync(admin.Email, Ct))["tenantId"].ShouldBeNull();
        (await tenant.Http.DeleteAsync($"tenant-users/{admin.UserId}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_somebody_gave_goes_when_they_may_no_longer_give_it()
    {
        var tenant = await TenantAsync();
        var (admin, demoted) = (await host.AColleagueAsync(tenant, "admin", Ct), await host.AColleagueAsync(tenant, "admin", Ct));
        var (_, token) = await InviteAsync(admin, "admin");
        var key = await demoted.PostAsync("api-keys", new { Name = "K", Scopes = new[] { "*:write" } }, Ct);
        var program = host.Anonymous();
        program.DefaultRequestHeaders.Add("X-API-Key", key.Text("key"));
        (await program.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await tenant.Http.DeleteAsync($"tenant-users/{admin.UserId}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await ChangeAsync(tenant, demoted.UserId, "viewer")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await AcceptAsync(token, Given.Password)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await program.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Who_waits_for_approval_may_go_and_is_bound_by_no_rule_of_the_tenant()
    {
        var (tenant, invited) = (await TenantAsync(), await host.ATenantAsync(Ct));
        var member = await host.AColleagueAsync(tenant, "member", Ct);
        await PoliciesAsync(tenant, new { PasswordMinLength = 100 });
        var (_, token) = await InviteAsync(member, "member", invited.Email);
        await (await AcceptAsync(token)).ReadAsync(Ct);
        var there = host.Anonymous();
        var grant = await invited.PostAsync("auth/switch", new { tenant.TenantId }, Ct);
        there.DefaultRequestHeaders.Authorization = new("Bearer", grant.Text("accessToken"));

        var changed = await invited.Http.PutAsJsonAsync("account/password", new { CurrentPassword = Given.Password, NewPassword = "no-hundred-letters-1" }, Ct);
        changed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        grant = await invited.PostAsync("auth/switch", new { tenant.TenantId }, Ct);
        there.DefaultRequestHeaders.Authorization = new("Bearer", grant.Text("accessToken"));
        (await there.DeleteAsync($"tenant-users/{member.UserId}", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await there.DeleteAsync($"tenant-users/{invited.UserId}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await invited.GetAsync("tenants", Ct))["items"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_plan_says_how_many_people_a_tenant_has()
    {
        var tenant = await host.ATenantAsync(Ct);
        await InviteAsync(tenant, "member");

        (await (await TryInviteAsync(tenant, "member")).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Text("title").ShouldContain("2 users");
    }

    private async Task<TenantClient> TenantAsync()
    {
        var tenant = await host.ATenantAsync(Ct);
        await host.PutOnPlanAsync(tenant, "business", Ct);
        return tenant;
    }

    private async Task<(string Email, string Token)> InviteAsync(TenantClient by, string role, string? email = null)
    {
        email ??= $"{Guid.CreateVersion7():N}@invited.test";
        await (await TryInviteAsync(by, role, email)).ReadAsync(Ct);
        return (email, Given.TokenOf(await host.MailAsync(email, "You are invited to Some Company", Ct)));
    }

    private static Task<HttpResponseMessage> TryInviteAsync(TenantClient by, string role, string? email = null) =>
        by.Http.PostAsJsonAsync("invitations", new { Email = email ?? $"{Guid.CreateVersion7():N}@invited.test", Roles = new[] { role } }, Ct);

    private Task<HttpResponseMessage> AcceptAsync(string token, string? password = null) => host.Anonymous().PostAsJsonAsync(
        "auth/accept-invitation", new { Token = token, Name = password is null ? null : "Invited", Password = password }, Ct);

    private static Task<HttpResponseMessage> ChangeAsync(TenantClient by, Guid userId, string role) =>
        by.Http.PutAsJsonAsync($"tenant-users/{userId}/roles", new { Roles = new[] { role } }, Ct);

    private static async Task PoliciesAsync(TenantClient tenant, object change) =>
        await (await tenant.Http.PatchAsJsonAsync("tenant-policies", change, Ct)).ReadAsync(Ct);

    private static async Task<IReadOnlyList<string>> RolesAsync(TenantClient tenant, Guid userId) =>
        [.. (await tenant.GetAsync("tenant-users", Ct))["items"]!.AsArray().Single(one => one!["userId"]!.GetValue<Guid>() == userId)!["roles"]!
            .AsArray().Select(role => role!.GetValue<string>())];

    private static async Task<IReadOnlyList<string>> FieldsAsync(Task<HttpResponseMessage> answer) =>
        (await (await answer).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields();
}
