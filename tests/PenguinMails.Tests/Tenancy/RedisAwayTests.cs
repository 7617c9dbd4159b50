using System.Net;
using System.Net.Http.Json;
using PenguinMails.Host.Embedded;
using PenguinMails.Tests.Processes;

namespace PenguinMails.Tests.Tenancy;

public sealed class RedisAwayTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_Redis_people_log_in_limits_hold_and_revoking_works_and_with_it_again_all_is_as_before()
    {
        var port = LoopbackPort.Free();
        var tenant = await host.ATenantAsync(Ct);
        var redis = OwnRedis.Start(port);
        await using var process = await HostProcess.BesideAsync(host, Ct, $"--ConnectionStrings:redis=127.0.0.1:{port}", "--RateLimits:LogInsPerMinute=20");
        var client = process.For(tenant);
        (await client.Http.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        redis.Dispose();
        await Given.EventuallyAsync(() => Task.FromResult(process.Output), output => output.Contains("Redis is away"), Ct);

        using var http = new HttpClient { BaseAddress = new Uri($"{process.Url}/api/v1/") };
        await http.LogInAsync(tenant.Email, Ct);
        var answer = await http.GetAsync("companies", Ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.Contains("RateLimit-Remaining").ShouldBeTrue();
        // Revoked on the host that has no Redis in common with this one.
        (await tenant.Http.DeleteAsync("account/sessions", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await http.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var logIns = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ =>
            http.PostAsJsonAsync("auth/log-in", new { Email = "nobody@tenant.test", Given.Password }, Ct)));
        logIns.ShouldContain(refused => refused.StatusCode == HttpStatusCode.TooManyRequests);
        process.Output.Split("Redis is away").Length.ShouldBe(2, process.Output);

        using var again = OwnRedis.Start(port);
        await Given.EventuallyAsync(() => Task.FromResult(process.Output), output => output.Contains("Redis is back"), Ct);
        (await client.Http.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
