using System.Net;
using System.Net.Http.Json;

namespace PenguinMails.Tests.Tenancy;

/// <summary>What a tenant asks of its people, and how it is billed and looks.</summary>
public sealed class PolicyTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_rules_for_passwords_count_wherever_one_is_chosen()
    {
        var tenant = await host.ATenantAsync(Ct);
        await ChangeAsync(tenant, new { PasswordMinLength = 12, PasswordRequireUppercase = true, PasswordRequireNumbers = true, PasswordRequireSymbols = true });

        foreach (var weak in new[] { "Short-1", "no-upper-case-1", "No-digit-at-all", "NoSymbolAtAll1" })
        {
            var answer = await PasswordAsync(tenant, weak);
            ((int)answer.StatusCode).ShouldBeOneOf([400, 422], weak);
            (await answer.ProblemAsync(answer.StatusCode, Ct)).Fields().ShouldBe(["newPassword"], weak);
        }

        (await PasswordAsync(tenant, "Strong-enough-1")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await ResetAsync(tenant, "weak-password")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await AcceptAsync(tenant, "weak-password")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Of_several_tenants_the_strictest_rule_counts()
    {
        var tenant = await host.ATenantAsync(Ct);
        var second = await tenant.PostAsync("tenants", new { Name = "Second" }, Ct);
        await host.QueryAsync("UPDATE tenant_policies SET password_min_length = 20, max_login_attempts = 2 WHERE tenant_id = $1", Ct, second.Id());

        (await PasswordAsync(tenant, "only-fifteen-15")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        await PasswordAsync(tenant, "another-password-of-20", current: "a-wrong-password");
        await PasswordAsync(tenant, "another-password-of-20", current: "a-wrong-password");

        (await host.EventsAsync(tenant, "account_locked", Ct)).ShouldBe(1);
        (await host.Anonymous().PostAsJsonAsync("auth/log-in", new { tenant.Email, Given.Password }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_change_is_an_administrators_and_is_recorded_with_old_and_new()
    {
        var tenant = await host.ATenantAsync(Ct);
        var member = await host.AColleagueAsync(tenant, "member", Ct);

        (await member.Http.PatchAsJsonAsync("tenant-policies", new { MaxLoginAttempts = 3 }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await member.Http.GetAsync("tenant-policies", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await ChangeAsync(tenant, new { MaxLoginAttempts = 3 });

        (await tenant.GetAsync("tenant-policies", Ct)).Number("maxLoginAttempts").ShouldBe(3);
        (await host.QueryAsync("SELECT metadata->>'max_login_attempts', user_id FROM security_events WHERE tenant_id = $1 AND event_type = 'policy_changed'", Ct, tenant.TenantId))
            .ShouldBe([$"5 -> 3|{tenant.UserId}"]);
        (await host.EventsAsync(tenant, "permission_denied", Ct)).ShouldBe(1);
    }

    [Fact]
    public async Task A_policy_that_makes_no_sense_is_refused_by_its_field()
    {
        var tenant = await host.ATenantAsync(Ct);

        (await FieldsAsync(tenant.Http.PatchAsJsonAsync(
            "tenant-policies", new { PasswordMinLength = 7, SessionTimeoutHours = 0, MaxLoginAttempts = -1, CompanyDefaultStatus = "lost" }, Ct)))
            .ShouldBe(["companyDefaultStatus", "maxLoginAttempts", "passwordMinLength", "sessionTimeoutHours"]);
        (await FieldsAsync(tenant.Http.PatchAsJsonAsync("tenant-policies", new { }, Ct))).ShouldBe(["passwordMinLength"]);
    }

    [Fact]
    public async Task A_new_company_has_the_status_that_the_policy_names()
    {
        var tenant = await host.ATenantAsync(Ct);
        await ChangeAsync(tenant, new { CompanyDefaultStatus = "pending" });

        (await tenant.PostAsync("companies", new { Name = "Client" }, Ct)).Text("status").ShouldBe("pending");
    }

    [Fact]
    public async Task Where_the_policy_does_not_ask_for_it_an_unverified_address_gets_in()
    {
        var tenant = await host.ATenantAsync(Ct);
        await host.QueryAsync("UPDATE users SET email_verified = NULL WHERE id = $1", Ct, tenant.UserId);
        (await LogInAsync(tenant)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        await ChangeAsync(tenant, new { CompanyRequireEmailVerification = false });

        (await LogInAsync(tenant)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_configuration_keeps_what_is_given_and_refuses_nonsense_by_its_field()
    {
        var tenant = await host.ATenantAsync(Ct);
        var config = new
        {
            BillingEmail = "bills@tenant.test",
            BillingAddress = new { Line1 = "1 Some Street", City = "Some Town", Country = "DE" },
            NotifyOnSecurityAlerts = true,
            ThemePrimaryColor = "#1a2B3c",
            ThemeLogoUrl = "https://tenant.test/logo.png",
            UiDateFormat = "dd.MM.yyyy",
            UiTimezone = "Europe/Berlin",
        };

        var saved = await (await tenant.Http.PutAsJsonAsync("tenant-config", config, Ct)).ReadAsync(Ct);

        saved.ToJsonString().ShouldBe((await tenant.GetAsync("tenant-config", Ct)).ToJsonString());
        saved["billingAddress"]!.Text("city").ShouldBe("Some Town");
        saved["notifyOnSystemUpdates"]!.GetValue<bool>().ShouldBeFalse();
        (await FieldsAsync(tenant.Http.PutAsJsonAsync("tenant-config", new
        {
            BillingEmail = "nobody",
            BillingAddress = new { Line1 = "", City = "C", Country = "Germany" },
            ThemePrimaryColor = "red",
            ThemeLogoUrl = "file:///etc/passwd",
            ThemeFaviconUrl = "logo.png",
            UiDateFormat = "whenever",
            UiTimezone = "Mars/Base",
        }, Ct))).ShouldBe(
        [
            "billingAddress.country", "billingAddress.line1", "billingEmail", "themeFaviconUrl", "themeLogoUrl", "themePrimaryColor", "uiDateFormat", "uiTimezone",
        ]);
        (await tenant.GetAsync("tenant-config", Ct)).Text("themePrimaryColor").ShouldBe("#1a2B3c");
    }

    [Fact]
    public async Task A_tenant_is_renamed_by_an_administrator_only()
    {
        var tenant = await host.ATenantAsync(Ct);
        var member = await host.AColleagueAsync(tenant, "member", Ct);

        (await (await tenant.Http.PatchAsJsonAsync("tenant", new { Name = "New Name" }, Ct)).ReadAsync(Ct)).Text("name").ShouldBe("New Name");

        (await member.Http.PatchAsJsonAsync("tenant", new { Name = "Mine" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await member.GetAsync("tenant", Ct)).Text("name").ShouldBe("New Name");
    }

    private static async Task ChangeAsync(TenantClient tenant, object change) =>
        await (await tenant.Http.PatchAsJsonAsync("tenant-policies", change, Ct)).ReadAsync(Ct);

    private static Task<HttpResponseMessage> PasswordAsync(TenantClient tenant, string password, string current = Given.Password) =>
        tenant.Http.PutAsJsonAsync("account/password", new { CurrentPassword = current, NewPassword = password }, Ct);

    private async Task<HttpResponseMessage> ResetAsync(TenantClient tenant, string password)
    {
        await host.Anonymous().PostAsJsonAsync("auth/forgot-password", new { tenant.Email }, Ct);
        var token = Given.TokenOf(await host.MailAsync(tenant.Email, "Choose a new password", Ct));
        return await host.Anonymous().PostAsJsonAsync("auth/reset-password", new { Token = token, Password = password }, Ct);
    }

    private async Task<HttpResponseMessage> AcceptAsync(TenantClient tenant, string password)
    {
        var email = $"{Guid.CreateVersion7():N}@invited.test";
        // The change of password above has ended nothing of this session.
        await tenant.PostAsync("invitations", new { Email = email, Roles = new[] { "member" } }, Ct);
        var token = Given.TokenOf(await host.MailAsync(email, "You are invited", Ct));
        return await host.Anonymous().PostAsJsonAsync("auth/accept-invitation", new { Token = token, Name = "N", Password = password }, Ct);
    }

    private Task<HttpResponseMessage> LogInAsync(TenantClient tenant) =>
        host.Anonymous().PostAsJsonAsync("auth/log-in", new { tenant.Email, Given.Password }, Ct);

    private static async Task<IReadOnlyList<string>> FieldsAsync(Task<HttpResponseMessage> answer) =>
        (await (await answer).ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields();
}
