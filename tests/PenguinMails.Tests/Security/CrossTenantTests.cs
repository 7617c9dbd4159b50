using System.Net;
using System.Net.Http.Json;

namespace PenguinMails.Tests.Security;

public sealed class CrossTenantTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_row_that_the_policies_refuse_is_not_found_and_an_event()
    {
        var (attacker, victim) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));

        var answer = await InsertAsync(attacker, $"NEW.tenant_id = '{victim.TenantId}'");

        await answer.ProblemAsync(HttpStatusCode.NotFound, Ct);
        (await AttemptsAsync(attacker)).ShouldBe(["high|False|row-level security refused the row|endpoint|POST /api/v1/companies|Prowler/1.0"]);
        (await host.QueryAsync("SELECT severity FROM system_notifications WHERE tenant_id = $1", Ct, attacker.TenantId)).ShouldBe(["high"]);
        (await AttemptsAsync(victim)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_that_carries_the_tenant_refuses_another_tenants_row_and_that_is_a_conflict_and_an_event()
    {
        var (attacker, victim) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));

        var answer = await InsertAsync(attacker, $"NEW.company_id = '{victim.CompanyId}'", "campaigns", new { attacker.CompanyId, Name = "Of another's" });

        await answer.ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await AttemptsAsync(attacker)).ShouldHaveSingleItem().ShouldContain("the key campaigns_tenant_id_company_id_fkey refused the row|campaigns");
    }

    [Fact]
    public async Task Another_tenants_id_is_noticed_and_one_that_does_not_exist_is_not()
    {
        var (attacker, victim) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        attacker.Http.DefaultRequestHeaders.UserAgent.ParseAdd("Prowler/1.0");

        // Looked into one after the other, in this order.
        (await attacker.Http.GetAsync($"companies/{Guid.CreateVersion7()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await attacker.Http.GetAsync($"companies/{victim.CompanyId}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        (await Given.EventuallyAsync(() => AttemptsAsync(attacker), attempts => attempts.Count > 0, Ct))
            .ShouldBe(["high|False|the row is another tenant's|companies||Prowler/1.0"]);
        (await host.QueryAsync("SELECT resource_id FROM security_events WHERE tenant_id = $1 AND event_type = 'cross_tenant_access_attempt'", Ct, attacker.TenantId))
            .ShouldBe([victim.CompanyId.ToString()]);
    }

    [Fact]
    public async Task Who_belongs_to_both_tenants_has_only_mistaken_one_for_the_other()
    {
        var (one, other, stranger) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        await host.QueryAsync(
            "INSERT INTO tenant_users (tenant_id, user_id, roles, email) SELECT $1, user_id, roles, email FROM tenant_users WHERE user_id = $2", Ct,
            other.TenantId, one.UserId);

        await one.Http.GetAsync($"companies/{other.CompanyId}", Ct);
        await one.Http.GetAsync($"companies/{stranger.CompanyId}", Ct);

        await Given.EventuallyAsync(() => AttemptsAsync(one), attempts => attempts.Count > 0, Ct);
        (await host.QueryAsync("SELECT resource_id FROM security_events WHERE tenant_id = $1 AND event_type = 'cross_tenant_access_attempt'", Ct, one.TenantId))
            .ShouldBe([stranger.CompanyId.ToString()]);
    }

    [Fact]
    public async Task A_program_that_tries_another_tenants_id_is_noticed_too()
    {
        var (attacker, victim) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        await host.PutOnPlanAsync(attacker, "business", Ct);
        var key = await attacker.PostAsync("api-keys", new { Name = "K", Scopes = new[] { "*:read" } }, Ct);
        using var program = host.Anonymous();
        program.DefaultRequestHeaders.Add("X-API-Key", key.Text("key"));

        (await program.GetAsync($"companies/{victim.CompanyId}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        await Given.EventuallyAsync(() => AttemptsAsync(attacker), attempts => attempts.Count == 1, Ct);
    }

    // No endpoint lets a request get so far: a trigger stands for the bug that would.
    private async Task<HttpResponseMessage> InsertAsync(TenantClient tenant, string change, string table = "companies", object? body = null)
    {
        tenant.Http.DefaultRequestHeaders.UserAgent.ParseAdd("Prowler/1.0");
        var name = $"bug_{Guid.CreateVersion7():N}";
        await host.QueryAsync($"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $bug$ BEGIN {change}; RETURN NEW; END $bug$;
            GRANT EXECUTE ON FUNCTION {name}() TO PUBLIC;
            CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW WHEN (NEW.tenant_id = '{tenant.TenantId}') EXECUTE FUNCTION {name}();
            """, Ct);
        try
        {
            return await tenant.Http.PostAsJsonAsync(table, body ?? new { Name = "Of another's" }, Ct);
        }
        finally
        {
            await host.QueryAsync($"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}()", Ct);
        }
    }

    private Task<IReadOnlyList<string>> AttemptsAsync(TenantClient tenant) => host.QueryAsync(
        """
        SELECT severity, success, failure_reason, resource_type, action_attempted, user_agent FROM security_events
        WHERE tenant_id = $1 AND event_type = 'cross_tenant_access_attempt' AND ip_address IS NOT NULL
        """, Ct, tenant.TenantId);
}
