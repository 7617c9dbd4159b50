using System.Net;
using System.Net.Http.Json;
using PenguinMails.Tests.Billing;

namespace PenguinMails.Tests.Processes;

/// <summary>
/// Two hosts over one PostgreSQL and one Redis are one service. Its requests a minute, settings, jobs and campaigns are in <c>RateLimitTests</c>,
/// <c>SettingTests</c>, <c>TwoHostTests</c> and <c>StoresAwayTests</c>.
/// </summary>
public sealed class TwoHostsTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_logs_in_at_one_is_in_at_the_other_and_out_at_both()
    {
        await using var other = await HostProcess.BesideAsync(host, Ct);
        var tenant = await host.ATenantAsync(Ct);
        var there = other.For(tenant);
        await there.GetAsync("account", Ct);
        using var anonymous = new HttpClient { BaseAddress = new Uri($"{other.Url}/api/v1/") };

        var grant = await anonymous.LogInAsync(tenant.Email, Ct);
        var refreshed = await (await host.Anonymous().PostAsJsonAsync("auth/refresh", new { RefreshToken = grant.Text("refreshToken") }, Ct)).ReadAsync(Ct);
        (await anonymous.PostAsJsonAsync("auth/refresh", new { RefreshToken = grant.Text("refreshToken") }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        refreshed.Text("refreshToken").ShouldNotBe(grant.Text("refreshToken"));

        (await tenant.Http.PostAsync("auth/log-out", null, Ct)).IsSuccessStatusCode.ShouldBeTrue();

        (await tenant.Http.GetAsync("account", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        await Given.EventuallyAsync(async () => (await there.Http.GetAsync("account", Ct)).StatusCode, status => status == HttpStatusCode.Unauthorized, Ct);
    }

    [Fact]
    public async Task A_plans_limit_holds_however_many_add_at_both_at_once()
    {
        await using var other = await HostProcess.BesideAsync(host, Ct);
        var tenant = await host.ATenantOnAsync(Ct, ("max_domains", 3));
        HttpClient[] hosts = [tenant.Http, other.For(tenant).Http];

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(number => hosts[number % 2].PostAsJsonAsync(
            "domains", new { tenant.CompanyId, Domain = $"d{number}-{tenant.TenantId:N}.test" }, Ct)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Created).ShouldBe(3);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.UnprocessableEntity).ShouldBe(57);
        (await host.QueryAsync("SELECT count(*) FROM domains WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["3"]);
    }

    [Fact]
    public async Task Failed_log_ins_count_together()
    {
        // Both know the caller by one address, and let it try less often than somebody guessing would.
        await using var one = await HostProcess.BesideAsync(host, Ct, "--RateLimits:LogInsPerMinute=10");
        await using var two = await HostProcess.BesideAsync(host, Ct, "--RateLimits:LogInsPerMinute=10");
        var address = $"10.{Random.Shared.Next(256)}.{Random.Shared.Next(256)}.{Random.Shared.Next(256)}";
        HttpClient[] hosts = [At(one, address), At(two, address)];

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(number => hosts[number % 2].PostAsJsonAsync(
            "auth/log-in", new { Email = $"nobody{number}@tenant.test", Given.Password }, Ct)));

        // The minute may turn in between, which lets as many in again; each host by itself would let in 20.
        answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized).ShouldBeInRange(1, 19);
        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.Unauthorized || answer.StatusCode == HttpStatusCode.TooManyRequests);
    }

    private static HttpClient At(HostProcess host, string address)
    {
        var http = new HttpClient { BaseAddress = new Uri($"{host.Url}/api/v1/") };
        http.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        return http;
    }
}
