using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Tenancy;

public sealed class LogInTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_of_a_log_in_opens_the_tenant()
    {
        var tenant = await host.ATenantAsync(Ct);
        var http = host.Anonymous();

        var grant = await (await LogInAsync(http, tenant.Email.ToUpperInvariant(), Given.Password)).ReadAsync(Ct);

        grant["tenantId"]!.GetValue<Guid>().ShouldBe(tenant.TenantId);
        http.DefaultRequestHeaders.Authorization = new("Bearer", grant.Text("accessToken"));
        (await (await http.GetAsync("companies", Ct)).ReadAsync(Ct))["items"]!.AsArray().Single()!.Id().ShouldBe(tenant.CompanyId);
    }

    [Fact]
    public async Task A_wrong_password_an_unknown_address_and_a_strange_tenant_are_answered_alike()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var http = host.Anonymous();

        string[] answers =
        [
            await RefusedAsync(LogInAsync(http, tenant.Email, "a-wrong-password")),
            await RefusedAsync(LogInAsync(http, "nobody@tenant.test", Given.Password)),
            await RefusedAsync(http.PostAsJsonAsync("auth/log-in", new { tenant.Email, Given.Password, other.TenantId }, Ct)),
        ];

        answers.Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_account_is_locked_after_the_policys_number_of_attempts_and_opens_again_later()
    {
        var tenant = await host.ATenantAsync(Ct);
        await host.QueryAsync("UPDATE tenant_policies SET max_login_attempts = 3 WHERE tenant_id = $1", Ct, tenant.TenantId);
        var http = host.Anonymous();
        foreach (var _ in Enumerable.Range(0, 2))
        {
            await RefusedAsync(LogInAsync(http, tenant.Email, "a-wrong-password"));
        }

        // A success in between forgets the failures.
        await (await LogInAsync(http, tenant.Email, Given.Password)).ReadAsync(Ct);
        foreach (var _ in Enumerable.Range(0, 3))
        {
            await RefusedAsync(LogInAsync(http, tenant.Email, "a-wrong-password"));
        }

        await RefusedAsync(LogInAsync(http, tenant.Email, Given.Password));
        await host.QueryAsync("UPDATE user_credentials SET locked_until = now() - interval '1 second' WHERE user_id = $1", Ct, tenant.UserId);
        await (await LogInAsync(http, tenant.Email, Given.Password)).ReadAsync(Ct);
        (await host.QueryAsync("SELECT failed_attempts FROM user_credentials WHERE user_id = $1", Ct, tenant.UserId)).ShouldBe(["0"]);
    }

    [Fact]
    public async Task Guesses_made_at_once_count_each()
    {
        var tenant = await host.ATenantAsync(Ct);
        await host.QueryAsync("UPDATE tenant_policies SET max_login_attempts = 20 WHERE tenant_id = $1", Ct, tenant.TenantId);
        var http = host.Anonymous();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => RefusedAsync(LogInAsync(http, tenant.Email, "a-wrong-password"))));

        (await host.QueryAsync("SELECT failed_attempts, locked_until > now() FROM user_credentials WHERE user_id = $1", Ct, tenant.UserId))
            .ShouldBe(["0|True"]);
    }

    private static Task<HttpResponseMessage> LogInAsync(HttpClient http, string email, string password) =>
        http.PostAsJsonAsync("auth/log-in", new { Email = email, Password = password }, Ct);

    // The body but for what is every answer's own.
    private static async Task<string> RefusedAsync(Task<HttpResponseMessage> answer)
    {
        var problem = (JsonObject)await (await answer).ProblemAsync(HttpStatusCode.Unauthorized, Ct);
        problem.Remove("traceId").ShouldBeTrue();
        return problem.ToJsonString();
    }
}
