using System.Net;
using System.Net.Http.Json;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tests.Security;

public sealed class BruteForceTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ten_failed_log_ins_give_ten_events_and_one_alert(bool atOnce)
    {
        var tenant = await host.ATenantAsync(Ct);
        var (http, address) = Guesser();

        var guesses = Enumerable.Range(0, 10).Select(_ => (Func<Task>)(() => FailAsync(http, tenant.Email))).ToList();
        if (atOnce)
        {
            await Task.WhenAll(guesses.Select(guess => guess()));
        }
        else
        {
            foreach (var guess in guesses)
            {
                await guess();
            }
        }

        (await EventsAsync("event_type = 'login_failed' AND ip_address = $1", address)).ShouldBe(["10"]);
        (await EventsAsync("""
            event_type = 'login_failed' AND ip_address = $1 AND NOT success AND user_agent = 'Guesser/1.0' AND user_id = $2 AND tenant_id = $3
            AND resource_type = 'user' AND resource_id = user_id::text AND action_attempted = 'POST /api/v1/auth/log-in'
            AND failure_reason IS NOT NULL
            """, address, tenant.UserId, tenant.TenantId)).ShouldBe(["10"]);
        (await EventsAsync("event_type = 'brute_force_detected' AND severity = 'critical' AND (ip_address = $1 OR user_id = $2 OR tenant_id = $3)",
            address, tenant.UserId, tenant.TenantId)).ShouldBe(["1"]);
        var alerts = await host.QueryAsync(
            """
            SELECT severity, tenant_id IS NULL, alert_count BETWEEN 6 AND 10 FROM system_notifications
            WHERE category = 'security_incident' AND (position(host($1) IN dedup_key) > 0 OR user_id = $2 OR tenant_id = $3)
            """, Ct, address, tenant.UserId, tenant.TenantId);
        alerts.ShouldBe(["critical|True|True"]);
    }

    [Fact]
    public async Task Four_failures_are_no_alarm()
    {
        var (http, address) = Guesser();
        foreach (var _ in Enumerable.Range(0, 4))
        {
            await FailAsync(http, "nobody@tenant.test");
        }

        (await EventsAsync("event_type = 'login_failed' AND ip_address = $1", address)).ShouldBe(["4"]);
        (await EventsAsync("event_type = 'brute_force_detected' AND ip_address = $1", address)).ShouldBe(["0"]);
    }

    [Fact]
    public async Task Somebody_guessed_at_from_many_addresses_is_noticed_by_user_and_the_tenant_is_told()
    {
        var tenant = await host.ATenantAsync(Ct);
        foreach (var _ in Enumerable.Range(0, 6))
        {
            await FailAsync(Guesser().Http, tenant.Email);
        }

        (await EventsAsync("event_type = 'brute_force_detected' AND user_id = $1 AND metadata -> 'by' = '[\"user\"]'", tenant.UserId)).ShouldBe(["1"]);
        var told = (await tenant.GetAsync("notifications", Ct))["items"]!.AsArray().ShouldHaveSingleItem()!;
        told.Text("severity").ShouldBe("critical");
        told.Number("alertCount").ShouldBe(2);
    }

    [Fact]
    public async Task A_tenant_whose_people_are_guessed_at_in_turn_is_noticed_by_tenant()
    {
        var tenant = await host.ATenantAsync(Ct);
        await using var scope = host.Services.CreateAsyncScope();
        var modules = scope.ServiceProvider.GetRequiredService<IPublisher>();
        foreach (var number in Enumerable.Range(1, 21))
        {
            var from = IPAddress.Parse($"2001:db8:{tenant.TenantId.ToString("N")[^4..]}::{number}");
            await modules.Publish(new SecurityAct(SecurityActKind.LoginFailed) { TenantId = tenant.TenantId, Address = from, Failure = "wrong password" }, Ct);
        }

        (await EventsAsync("event_type = 'brute_force_detected' AND tenant_id = $1 AND metadata -> 'by' = '[\"tenant\"]'", tenant.TenantId)).ShouldBe(["1"]);
        (await host.QueryAsync("SELECT alert_count FROM system_notifications WHERE tenant_id = $1 AND category = 'security_incident'", Ct, tenant.TenantId))
            .ShouldBe(["2"]);
    }

    private (HttpClient Http, IPAddress Address) Guesser()
    {
        var http = host.Anonymous();
        http.DefaultRequestHeaders.UserAgent.ParseAdd("Guesser/1.0");
        return (http, IPAddress.Parse(http.DefaultRequestHeaders.GetValues("X-Forwarded-For").Single()));
    }

    private static async Task FailAsync(HttpClient http, string email) =>
        (await http.PostAsJsonAsync("auth/log-in", new { Email = email, Password = "a-wrong-password" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

    private Task<IReadOnlyList<string>> EventsAsync(string condition, params object[] values) =>
        host.QueryAsync($"SELECT count(*) FROM security_events WHERE {condition}", Ct, values);
}
