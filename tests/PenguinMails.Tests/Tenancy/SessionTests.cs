using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Tenancy;

public sealed class SessionTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refresh_token_is_exchanged_once_and_a_second_use_ends_the_session()
    {
        var tenant = await host.ATenantAsync(Ct);
        var first = await host.Anonymous().LogInAsync(tenant.Email, Ct);

        var second = await (await RefreshAsync(first)).ReadAsync(Ct);
        (await OpensAsync(second)).ShouldBe(HttpStatusCode.OK);
        second.Text("refreshToken").ShouldNotBe(first.Text("refreshToken"));
        // Somebody else has the first one.
        (await RefreshAsync(first)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        (await OpensAsync(second)).ShouldBe(HttpStatusCode.Unauthorized);
        (await RefreshAsync(second)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await host.EventsAsync(tenant, "session_revoked", Ct)).ShouldBe(1);
        // Other sessions of the person go on.
        (await tenant.Http.GetAsync("account", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_many_exchanges_at_once_one_at_most_succeeds()
    {
        var tenant = await host.ATenantAsync(Ct);
        var grant = await host.Anonymous().LogInAsync(tenant.Email, Ct);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => RefreshAsync(grant)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBeLessThanOrEqualTo(1);
        answers.Count(answer => answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Unauthorized).ShouldBe(10);
        (await host.QueryAsync("SELECT count(*) FROM user_sessions WHERE user_id = $1 AND last_used IS NULL", Ct, tenant.UserId)).Single().ShouldBeOneOf("1", "2");
    }

    [Fact]
    public async Task Sessions_are_listed_and_ended_one_by_one_or_all()
    {
        var tenant = await host.ATenantAsync(Ct);
        var (one, two) = (host.Anonymous(), host.Anonymous());
        one.DefaultRequestHeaders.UserAgent.ParseAdd("Phone/1");
        await one.LogInAsync(tenant.Email, Ct);
        await two.LogInAsync(tenant.Email, Ct);

        var sessions = (await tenant.GetAsync("account/sessions", Ct))["items"]!.AsArray();
        sessions.Count.ShouldBe(3);
        sessions.Count(session => session!["isCurrent"]!.GetValue<bool>()).ShouldBe(1);
        var phone = sessions.Single(session => session!["userAgent"]?.GetValue<string>() == "Phone/1")!;
        phone.Text("ipAddress").ShouldStartWith("10.");

        (await tenant.Http.DeleteAsync($"account/sessions/{phone.Id()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await one.GetAsync("account", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await two.GetAsync("account", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await tenant.Http.DeleteAsync($"account/sessions/{phone.Id()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        (await tenant.Http.DeleteAsync("account/sessions", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await two.GetAsync("account", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await tenant.Http.DeleteAsync("account/sessions?includingThis=true", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await tenant.Http.GetAsync("account", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await host.EventsAsync(tenant, "session_revoked", Ct)).ShouldBe(3);
    }

    [Fact]
    public async Task Logging_out_ends_the_session_with_both_its_tokens()
    {
        var tenant = await host.ATenantAsync(Ct);
        var http = host.Anonymous();
        var grant = await http.LogInAsync(tenant.Email, Ct);

        (await http.PostAsync("auth/log-out", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await OpensAsync(grant)).ShouldBe(HttpStatusCode.Unauthorized);
        (await RefreshAsync(grant)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_session_lasts_as_long_as_the_tenant_says_however_often_it_is_refreshed()
    {
        var tenant = await host.ATenantAsync(Ct);
        await (await tenant.Http.PatchAsJsonAsync("tenant-policies", new { SessionTimeoutHours = 2 }, Ct)).ReadAsync(Ct);

        var grant = await host.Anonymous().LogInAsync(tenant.Email, Ct);
        var refreshed = await (await RefreshAsync(grant)).ReadAsync(Ct);

        var ends = grant["refreshExpires"]!.GetValue<DateTimeOffset>();
        (ends - TimeProvider.System.GetUtcNow()).TotalHours.ShouldBeInRange(1.9, 2);
        (refreshed["refreshExpires"]!.GetValue<DateTimeOffset>() - ends).Duration().ShouldBeLessThan(TimeSpan.FromMilliseconds(1));
        grant.Number("expiresIn").ShouldBeInRange(800, 900);
    }

    [Fact]
    public async Task A_person_of_several_tenants_switches_between_them_and_enters_no_other()
    {
        var (tenant, stranger) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var second = await tenant.PostAsync("tenants", new { Name = "Second" }, Ct);

        var grant = await tenant.PostAsync("auth/switch", new { TenantId = second.Id() }, Ct);

        using var inSecond = Bearing(grant);
        (await (await inSecond.GetAsync("tenant", Ct)).ReadAsync(Ct)).Text("name").ShouldBe("Second");
        (await (await inSecond.GetAsync("companies", Ct)).ReadAsync(Ct))["items"]![0]!.Id().ShouldBe(second["companyId"]!.GetValue<Guid>());
        (await tenant.GetAsync("tenant", Ct)).Id().ShouldBe(tenant.TenantId);
        var tenants = (await tenant.GetAsync("tenants", Ct))["items"]!.AsArray();
        tenants.Select(one => one!.Id()).ShouldBe([tenant.TenantId, second.Id()], ignoreOrder: true);
        (await tenant.Http.PostAsJsonAsync("auth/switch", new { stranger.TenantId }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await host.EventsAsync(tenant, "cross_tenant_access_attempt", Ct)).ShouldBe(1);
        var chosen = await host.Anonymous().PostAsJsonAsync("auth/log-in", new { tenant.Email, Given.Password, TenantId = second.Id() }, Ct);
        (await chosen.ReadAsync(Ct))["tenantId"]!.GetValue<Guid>().ShouldBe(second.Id());
    }

    [Fact]
    public async Task Switching_the_tenant_does_not_lengthen_the_time_since_the_log_in()
    {
        var tenant = await host.ATenantAsync(Ct);
        var second = await tenant.PostAsync("tenants", new { Name = "Second" }, Ct);
        await host.QueryAsync("UPDATE user_sessions SET logged_in = now() - interval '5 hours' WHERE user_id = $1", Ct, tenant.UserId);

        var grant = await tenant.PostAsync("auth/switch", new { TenantId = second.Id() }, Ct);

        (grant["refreshExpires"]!.GetValue<DateTimeOffset>() - TimeProvider.System.GetUtcNow()).TotalHours.ShouldBeInRange(2.9, 3);
        await host.QueryAsync("UPDATE tenant_policies SET session_timeout_hours = 4 WHERE tenant_id = $1", Ct, second.Id());
        (await tenant.Http.PostAsJsonAsync("auth/switch", new { TenantId = second.Id() }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_shorter_time_counts_for_sessions_that_are_open()
    {
        var tenant = await host.ATenantAsync(Ct);
        var old = await host.Anonymous().LogInAsync(tenant.Email, Ct);
        await host.QueryAsync(
            "UPDATE user_sessions SET logged_in = now() - interval '3 hours' WHERE user_id = $1 AND created = (SELECT max(created) FROM user_sessions WHERE user_id = $1)",
            Ct, tenant.UserId);

        await (await tenant.Http.PatchAsJsonAsync("tenant-policies", new { SessionTimeoutHours = 2 }, Ct)).ReadAsync(Ct);

        (await OpensAsync(old)).ShouldBe(HttpStatusCode.Unauthorized);
        (await RefreshAsync(old)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await tenant.Http.GetAsync("account", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private Task<HttpResponseMessage> RefreshAsync(JsonNode grant) =>
        host.Anonymous().PostAsJsonAsync("auth/refresh", new { RefreshToken = grant.Text("refreshToken") }, Ct);

    private async Task<HttpStatusCode> OpensAsync(JsonNode grant)
    {
        using var http = Bearing(grant);
        return (await http.GetAsync("account", Ct)).StatusCode;
    }

    private HttpClient Bearing(JsonNode grant)
    {
        var http = host.Anonymous();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", grant.Text("accessToken"));
        return http;
    }
}
