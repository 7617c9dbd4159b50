using System.Net;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PenguinMails.Security.Features;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Security;

public sealed class SecurityEventTests(HostFixture host)
{
    // The types of domain.md.
    private static readonly string[] Types =
    [
        "account_locked", "api_key_created", "api_key_revoked", "api_rate_limit_exceeded", "brute_force_detected", "config_sensitive_read",
        "cross_tenant_access_attempt", "data_exported", "login_failed", "login_succeeded", "password_changed", "permission_denied", "policy_changed",
        "role_changed", "session_revoked", "staff_cross_tenant_read", "staff_elevation", "two_factor_disabled", "two_factor_enabled",
        "webhook_signature_invalid",
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_type_is_recorded_done_or_refused_with_address_agent_resource_and_details()
    {
        var tenant = await host.ATenantAsync(Ct);
        var agent = $"Agent/{Guid.CreateVersion7()}";
        foreach (var kind in Enum.GetValues<SecurityActKind>())
        {
            foreach (var failure in new[] { null, "refused" })
            {
                await PublishAsync(new SecurityAct(kind)
                {
                    TenantId = tenant.TenantId,
                    UserId = tenant.UserId,
                    Address = IPAddress.Parse("::ffff:192.0.2.7"),
                    UserAgent = agent,
                    ResourceType = "thing",
                    ResourceId = "a thing",
                    Failure = failure,
                    Details = new Dictionary<string, string> { ["more"] = "about it" },
                });
            }
        }

        var rows = await host.QueryAsync(
            """
            SELECT event_type, bool_or(success), bool_or(NOT success AND failure_reason = 'refused'), count(*)
            FROM security_events
            WHERE tenant_id = $1 AND user_id = $2 AND user_agent = $3 AND ip_address = '192.0.2.7' AND resource_type = 'thing'
              AND resource_id = 'a thing' AND metadata = '{"more": "about it"}'
            GROUP BY event_type ORDER BY event_type COLLATE "C"
            """, Ct, tenant.TenantId, tenant.UserId, agent);
        rows.ShouldBe(Types.Select(type => $"{type}|True|True|2"));
    }

    [Fact]
    public void Every_type_has_a_severity_by_its_gravity()
    {
        var grave = Enum.GetValues<SecurityActKind>().ToLookup(RecordSecurityAct.SeverityOf);

        grave["critical"].ShouldBe([SecurityActKind.BruteForceDetected]);
        grave["high"].ShouldBe([SecurityActKind.CrossTenantAccessAttempt]);
        grave.Select(group => group.Key).ShouldBeSubsetOf(["low", "medium", "high", "critical"]);
    }

    [Fact]
    public async Task An_event_stays_when_its_alert_cannot_be_raised()
    {
        var tenant = await host.ATenantAsync(Ct);
        var mark = $"mark{Guid.CreateVersion7():N}";
        await host.QueryAsync($"""
            CREATE FUNCTION {mark}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no room''; END';
            CREATE TRIGGER {mark} BEFORE INSERT ON system_notifications FOR EACH ROW WHEN (position('{mark}' IN NEW.message) > 0) EXECUTE FUNCTION {mark}();
            """, Ct);
        try
        {
            await PublishAsync(new SecurityAct(SecurityActKind.CrossTenantAccessAttempt) { TenantId = tenant.TenantId, Failure = mark });
            // The seed's own way to report one.
            await host.QueryAsync("SELECT alert_security_incident('cross_tenant_access_attempt', 'critical', $1, $2)", Ct, mark, tenant.TenantId);
        }
        finally
        {
            await host.QueryAsync($"DROP TRIGGER {mark} ON system_notifications; DROP FUNCTION {mark}()", Ct);
        }

        (await host.QueryAsync("SELECT severity FROM security_events WHERE failure_reason = $1 ORDER BY created", Ct, mark)).ShouldBe(["high", "critical"]);
        (await host.QueryAsync("SELECT count(*) FROM system_notifications WHERE message LIKE $1", Ct, $"%{mark}%")).ShouldBe(["0"]);
        await PublishAsync(new SecurityAct(SecurityActKind.CrossTenantAccessAttempt) { TenantId = tenant.TenantId, Failure = mark });
        (await host.QueryAsync("SELECT severity, alert_count FROM system_notifications WHERE message LIKE $1", Ct, $"%{mark}%")).ShouldBe(["high|1"]);
    }

    [Fact]
    public async Task What_cannot_be_stored_where_it_belongs_is_noted_and_not_lost()
    {
        var (nobody, resource) = (Guid.CreateVersion7(), new string('x', 999));
        await PublishAsync(new SecurityAct(SecurityActKind.PermissionDenied)
        {
            TenantId = nobody, UserId = nobody, Failure = "refused", ResourceType = "endpoint", ResourceId = resource,
        });

        (await host.QueryAsync(
            "SELECT tenant_id, length(resource_id), metadata ->> 'reported_user_id' FROM security_events WHERE metadata ->> 'reported_tenant_id' = $1",
            Ct, nobody.ToString())).ShouldBe([$"|255|{nobody}"]);
    }

    [Fact]
    public async Task The_seventh_failure_of_a_kind_within_the_hour_counts_up_on_the_alert_of_the_sixth()
    {
        var tenant = await host.ATenantAsync(Ct);
        foreach (var expected in new[] { 0, 0, 0, 0, 0, 1, 2 })
        {
            await PublishAsync(new SecurityAct(SecurityActKind.PermissionDenied) { TenantId = tenant.TenantId, Failure = "refused" });
            (await host.QueryAsync("SELECT coalesce(sum(alert_count), 0) FROM system_notifications WHERE tenant_id = $1", Ct, tenant.TenantId))
                .ShouldBe([$"{expected}"]);
        }

        (await host.QueryAsync("SELECT count(*) FROM system_notifications WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["1"]);
    }

    [Fact]
    public async Task Tenants_and_staff_search_by_each_filter_and_page_by_key()
    {
        var (tenant, staff) = (await host.ATenantAsync(Ct), await host.AStaffMemberAsync(role: 3, Ct));
        var person = (await host.AColleagueAsync(tenant, "viewer", Ct)).UserId;
        var address = $"2001:db8::{tenant.TenantId.ToString("N")[^4..]}";
        await PublishAsync(new SecurityAct(SecurityActKind.RoleChanged) { TenantId = tenant.TenantId, UserId = person, ResourceType = "place" });
        await PublishAsync(new SecurityAct(SecurityActKind.DataExported) { TenantId = tenant.TenantId, Address = IPAddress.Parse(address) });
        await PublishAsync(new SecurityAct(SecurityActKind.AccountLocked) { TenantId = tenant.TenantId, Failure = "too many" });
        var all = await TypesAsync(tenant, "limit=200");
        all.Count.ShouldBeGreaterThan(4);
        var (since, before) = (await TimeAsync(tenant, "resourceType=place"), await TimeAsync(tenant, "eventType=account_locked"));

        foreach (var (query, expected) in new (string, string[])[]
        {
            ("eventType=data_exported", ["data_exported"]),
            ("severity=medium", ["account_locked"]),
            ($"userId={person}&resourceType=place", ["role_changed"]),
            ($"ipAddress={address}", ["data_exported"]),
            ("success=false", ["account_locked"]),
            ($"from={since}&to={before}", ["data_exported", "role_changed"]),
        })
        {
            (await TypesAsync(tenant, query)).ShouldBe(expected, query);
            (await TypesAsync(staff, $"{query}&tenantId={tenant.TenantId}", "staff/")).ShouldBe(expected, query);
        }

        (await PagedAsync(tenant, "security-events?limit=2")).ShouldBe(all);
        (await PagedAsync(staff, $"staff/security-events?limit=2&tenantId={tenant.TenantId}")).ShouldBe(all);
    }

    [Fact]
    public async Task Staff_read_one_event_with_its_details_and_nobody_else_does()
    {
        var (tenant, staff) = (await host.ATenantAsync(Ct), await host.AStaffMemberAsync(role: 3, Ct));
        await PublishAsync(new SecurityAct(SecurityActKind.PolicyChanged)
        {
            TenantId = tenant.TenantId, Details = new Dictionary<string, string> { ["min_length"] = "8 -> 12" },
        });
        var id = (await tenant.GetAsync("security-events?eventType=policy_changed", Ct))["items"]!.AsArray().ShouldHaveSingleItem()!.Id();

        var found = await staff.GetAsync($"staff/security-events/{id}", Ct);

        found["tenantId"]!.GetValue<Guid>().ShouldBe(tenant.TenantId);
        found["details"]!.Text("min_length").ShouldBe("8 -> 12");
        (await staff.Http.GetAsync($"staff/security-events/{Guid.CreateVersion7()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await tenant.Http.GetAsync($"staff/security-events/{id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await (await host.AStaffMemberAsync(role: 4, Ct)).Http.GetAsync("staff/security-events", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData(DatabaseRoles.App)]
    [InlineData(DatabaseRoles.Platform)]
    public async Task Whoever_serves_requests_changes_and_deletes_no_event(string role)
    {
        await using var connection = new NpgsqlConnection(host.Connections.For(role));
        await connection.OpenAsync(Ct);
        foreach (var sql in new[]
        {
            "UPDATE security_events SET failure_reason = 'none'", "UPDATE security_events SET chain_position = 1", "DELETE FROM security_events",
            "TRUNCATE security_events",
        })
        {
            (await Should.ThrowAsync<PostgresException>(() => connection.ExecuteAsync(sql, Ct))).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        }
    }

    private async Task PublishAsync(SecurityAct act)
    {
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IPublisher>().Publish(act, Ct);
    }

    private static async Task<IReadOnlyList<string>> TypesAsync(TenantClient client, string query, string area = "") =>
        TypesOf(await client.GetAsync($"{area}security-events?{query}", Ct));

    private static IReadOnlyList<string> TypesOf(JsonNode page) => [.. page["items"]!.AsArray().Select(item => item!.Text("eventType"))];

    private static async Task<string> TimeAsync(TenantClient client, string query) => Uri.EscapeDataString(
        (await client.GetAsync($"security-events?{query}", Ct))["items"]!.AsArray().ShouldHaveSingleItem()!.Text("created"));

    private static async Task<IReadOnlyList<string>> PagedAsync(TenantClient client, string path)
    {
        var types = new List<string>();
        string? cursor = null;
        do
        {
            var page = await client.GetAsync(cursor is null ? path : $"{path}&cursor={cursor}", Ct);
            types.AddRange(TypesOf(page));
            cursor = page["nextCursor"]?.GetValue<string>();
        }
        while (cursor is not null);

        // That staff look is an event of the tenant's, too.
        return [.. types.Where(type => type != "staff_cross_tenant_read")];
    }
}
