using System.Net;
using System.Net.Http.Json;

namespace PenguinMails.Tests.Tenancy;

public sealed class TwoFactorTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_two_factors_a_log_in_needs_a_code_and_each_code_works_once()
    {
        var tenant = await host.ATenantAsync(Ct);
        var (authenticator, _) = await tenant.WithTwoFactorsAsync(Ct);
        var code = authenticator.NextCode();

        var asked = await (await LogInAsync(tenant, null, null)).ProblemAsync(HttpStatusCode.Unauthorized, Ct);

        asked["twoFactorRequired"]!.GetValue<bool>().ShouldBeTrue();
        (await LogInAsync(tenant, "000000", null)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await LogInAsync(tenant, "not a code é", null)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await LogInAsync(tenant, code, null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await LogInAsync(tenant, code, null)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        // Not spelt otherwise either, nor after another one.
        (await LogInAsync(tenant, $"+{code}", null)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await LogInAsync(tenant, authenticator.NextCode(), null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await LogInAsync(tenant, code, null)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await host.EventsAsync(tenant, "two_factor_enabled", Ct)).ShouldBe(1);
        await host.MailAsync(tenant.Email, "Two factors are on", Ct);
    }

    [Fact]
    public async Task The_password_is_asked_for_before_the_code_is_looked_at()
    {
        var tenant = await host.ATenantAsync(Ct);
        var (authenticator, _) = await tenant.WithTwoFactorsAsync(Ct);

        var answer = await host.Anonymous().PostAsJsonAsync(
            "auth/log-in", new { tenant.Email, Password = "a-wrong-password", TwoFactorCode = authenticator.NextCode() }, Ct);

        (await answer.ProblemAsync(HttpStatusCode.Unauthorized, Ct))["twoFactorRequired"].ShouldBeNull();
    }

    [Fact]
    public async Task A_recovery_code_works_once_and_new_ones_replace_the_old()
    {
        var tenant = await host.ATenantAsync(Ct);
        var (_, codes) = await tenant.WithTwoFactorsAsync(Ct);
        codes.Distinct().Count().ShouldBe(10);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LogInAsync(tenant, null, codes[0])));
        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(1);

        var renewed = await tenant.PostAsync("account/two-factor/recovery-codes", new { Given.Password }, Ct);
        (await LogInAsync(tenant, null, codes[1])).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await LogInAsync(tenant, null, renewed["recoveryCodes"]![0]!.GetValue<string>())).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Wrong_codes_lock_the_account_as_wrong_passwords_do()
    {
        var tenant = await host.ATenantAsync(Ct);
        var (authenticator, _) = await tenant.WithTwoFactorsAsync(Ct);
        foreach (var _ in Enumerable.Range(0, 5))
        {
            await LogInAsync(tenant, "000000", null);
        }

        (await LogInAsync(tenant, authenticator.NextCode(), null)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await host.EventsAsync(tenant, "account_locked", Ct)).ShouldBe(1);
    }

    [Fact]
    public async Task Two_factors_are_turned_on_only_with_password_and_code_and_off_only_with_the_password()
    {
        var tenant = await host.ATenantAsync(Ct);

        (await tenant.Http.PostAsJsonAsync("account/two-factor", new { Password = "a-wrong-password" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await tenant.Http.PostAsJsonAsync("account/two-factor/enable", new { Code = "000000" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        await tenant.PostAsync("account/two-factor", new { Given.Password }, Ct);
        (await tenant.Http.PostAsJsonAsync("account/two-factor/enable", new { Code = "000000" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        await tenant.WithTwoFactorsAsync(Ct);
        (await tenant.Http.PostAsJsonAsync("account/two-factor", new { Given.Password }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await tenant.Http.PostAsJsonAsync("account/two-factor/disable", new { Password = "a-wrong-password" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await tenant.Http.PostAsJsonAsync("account/two-factor/disable", new { Given.Password }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await LogInAsync(tenant, null, null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await host.EventsAsync(tenant, "two_factor_disabled", Ct)).ShouldBe(1);
    }

    [Fact]
    public async Task Where_the_tenant_asks_for_two_factors_a_member_without_can_only_enrol()
    {
        var tenant = await host.ATenantAsync(Ct);
        var member = await host.AColleagueAsync(tenant, "member", Ct);
        (await (await RequireAsync(tenant)).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["twoFactorRequired"]);
        await tenant.WithTwoFactorsAsync(Ct);
        await (await RequireAsync(tenant)).ReadAsync(Ct);

        (await (await member.Http.GetAsync("companies", Ct)).ProblemAsync(HttpStatusCode.Forbidden, Ct)).Text("title").ShouldContain("two-factor");
        var grant = await member.Http.LogInAsync(member.Email, Ct);
        grant.Text("hindrance").ShouldContain("two factors");
        (await member.Http.GetAsync("account", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await member.Http.PostAsJsonAsync("campaigns", new { tenant.CompanyId, Name = "C" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        await member.WithTwoFactorsAsync(Ct);

        (await member.Http.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await member.Http.PostAsJsonAsync("account/two-factor/disable", new { Given.Password }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    private static Task<HttpResponseMessage> RequireAsync(TenantClient tenant) =>
        tenant.Http.PatchAsJsonAsync("tenant-policies", new { TwoFactorRequired = true }, Ct);

    private Task<HttpResponseMessage> LogInAsync(TenantClient tenant, string? code, string? recoveryCode) => host.Anonymous().PostAsJsonAsync(
        "auth/log-in", new { tenant.Email, Given.Password, TwoFactorCode = code, RecoveryCode = recoveryCode }, Ct);
}
