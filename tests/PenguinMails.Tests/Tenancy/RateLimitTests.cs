using System.Net;
using System.Net.Http.Json;
using PenguinMails.Tests.Processes;

namespace PenguinMails.Tests.Tenancy;

public sealed class RateLimitTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tenants_requests_are_limited_by_its_plan_for_all_its_people_and_hosts_together()
    {
        var tenant = await host.ATenantAsync(Ct);
        await OnPlanOfAsync(tenant, requestsPerMinute: 30);
        await using var other = await HostProcess.BesideAsync(host, Ct);
        HttpClient[] hosts = [tenant.Http, other.For(tenant).Http];

        var answers = await Task.WhenAll(Enumerable.Range(0, 80).Select(number => hosts[number % 2].GetAsync("companies", Ct)));

        // The minute may turn in between, which lets at most as many in again;
        // and what signing up asked for counts as well.
        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBeInRange(20, 60);
        var refused = answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK || answer.StatusCode == HttpStatusCode.TooManyRequests);
        (await refused.ProblemAsync(HttpStatusCode.TooManyRequests, Ct)).Text("title").ShouldContain("allows 30 requests a minute");
        refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 60);
        refused.Headers.GetValues("RateLimit-Limit").ShouldBe(["30"]);
        refused.Headers.GetValues("RateLimit-Remaining").ShouldBe(["0"]);
        // One event for the flood on each host, not one for each drop.
        (await host.QueryAsync("SELECT count(*) BETWEEN 1 AND 2 FROM security_events WHERE tenant_id = $1 AND event_type = 'api_rate_limit_exceeded'", Ct, tenant.TenantId))
            .ShouldBe(["True"]);
    }

    [Fact]
    public async Task One_tenants_flood_leaves_another_its_own_limit()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        await OnPlanOfAsync(tenant, requestsPerMinute: 1);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => tenant.Http.GetAsync("companies", Ct)));

        var answer = await other.Http.GetAsync("companies", Ct);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        int.Parse(answer.Headers.GetValues("RateLimit-Remaining").Single()).ShouldBeGreaterThan(1000);
    }

    [Fact]
    public async Task Log_ins_from_one_address_are_limited_and_from_another_are_not()
    {
        using var http = host.Anonymous();

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => LogInAsync(http)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized).ShouldBeInRange(20, 40);
        answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).Headers.RetryAfter.ShouldNotBeNull();
        using var elsewhere = host.Anonymous();
        (await LogInAsync(elsewhere)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Links_in_mail_are_not_limited()
    {
        using var http = host.Anonymous();
        http.BaseAddress = new Uri(host.Url);

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => http.GetAsync("/u/no-such-token", Ct)));

        answers.ShouldAllBe(answer => answer.StatusCode != HttpStatusCode.TooManyRequests);
    }

    private static Task<HttpResponseMessage> LogInAsync(HttpClient http) =>
        http.PostAsJsonAsync("auth/log-in", new { Email = "nobody@tenant.test", Given.Password }, Ct);

    private async Task OnPlanOfAsync(TenantClient tenant, int requestsPerMinute)
    {
        var slug = $"limited-{Guid.CreateVersion7():N}";
        await host.QueryAsync("INSERT INTO plans (name, slug, api_rate_limit, is_active) VALUES ('Limited', $1, $2, false)", Ct, slug, requestsPerMinute);
        await host.PutOnPlanAsync(tenant, slug, Ct);
    }
}
