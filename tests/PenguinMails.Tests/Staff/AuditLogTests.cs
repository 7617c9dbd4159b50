using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Jobs;

namespace PenguinMails.Tests.Staff;

/// <summary>The audit log, its chain, and what happens when somebody lays hands on it. One after another: there is one chain.</summary>
public sealed class AuditLogTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_log_is_read_by_actor_tenant_action_and_time_page_by_page()
    {
        var (tenant, admin) = (await host.ATenantAsync(Ct), await host.AStaffMemberAsync(role: 2, Ct));
        await admin.PostAsync("staff/elevations", new { tenant.TenantId, Reason = "Ticket 9" }, Ct);
        await admin.GetAsync($"staff/tenants/{tenant.TenantId}/users", Ct);
        var own = $"staff/audit-log?actorUserId={admin.UserId}";

        var all = await ItemsAsync(admin, own);
        all.Select(item => item.Text("action")).ShouldBe(
            ["GET /staff/audit-log", "GET /staff/tenants/{tenantId}/users", "staff.elevate", "POST /staff/elevations"]);
        var elevated = (await ItemsAsync(admin, $"{own}&action=staff.elevate&tenantId={tenant.TenantId}")).ShouldHaveSingleItem();
        (elevated.Text("reason"), elevated.Text("ipAddress").Length > 0).ShouldBe(("Ticket 9", true));
        elevated["elevationId"]!.GetValue<Guid>().ShouldBe(Guid.Parse(elevated.Text("resourceId")));

        var created = Uri.EscapeDataString(elevated.Text("created"));
        (await ItemsAsync(admin, $"{own}&action=staff.elevate&from={created}")).ShouldHaveSingleItem();
        (await ItemsAsync(admin, $"{own}&action=staff.elevate&to={created}")).ShouldBeEmpty();
        var page = await admin.GetAsync($"{own}&action=staff.elevate&limit=1", Ct);
        page["nextCursor"].ShouldBeNull();
        page = await admin.GetAsync($"{own}&limit=1", Ct);
        (await ItemsAsync(admin, $"{own}&limit=1&cursor={page.Text("nextCursor")}")).ShouldHaveSingleItem().Id().ShouldNotBe(page["items"]![0]!.Id());
    }

    [Theory]
    [InlineData(DatabaseRoles.App)]
    [InlineData(DatabaseRoles.Platform)]
    public async Task Neither_role_changes_or_deletes_a_row_or_seals_one_by_hand(string role)
    {
        await using var connection = new Npgsql.NpgsqlConnection(host.Connections.For(role));
        await connection.OpenAsync(Ct);
        foreach (var sql in new[]
        {
            "UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log", "SELECT * FROM audit_log_head",
            "INSERT INTO audit_log (id, action, chain_position) VALUES (gen_random_uuid(), 'x', 1)",
        })
        {
            await using var command = new Npgsql.NpgsqlCommand(sql, connection);
            (await Should.ThrowAsync<Npgsql.PostgresException>(() => command.ExecuteNonQueryAsync(Ct))).SqlState.ShouldBe("42501", sql);
        }
    }

    [Theory]
    [InlineData("UPDATE audit_log SET action = 'harmless' WHERE id = $1", "it was changed")]
    [InlineData("UPDATE audit_log SET created = created + interval '1 microsecond' WHERE id = $1", "it was changed")]
    [InlineData("UPDATE audit_log SET actor_user_id = (SELECT user_id FROM staff_members WHERE user_id <> actor_user_id LIMIT 1) WHERE id = $1", "its tenant or actor was changed")]
    public async Task A_row_that_was_changed_is_named_until_it_is_as_it_was(string tamper, string problem)
    {
        var admin = await host.AStaffMemberAsync(role: 2, Ct);
        await host.AStaffMemberAsync(role: 4, Ct);
        var row = await SealedRowAsync(admin);
        (await VerifyAsync(admin))["isIntact"]!.GetValue<bool>().ShouldBeTrue();
        var kept = await host.QueryAsync("SELECT to_jsonb(a)::text FROM audit_log a WHERE id = $1", Ct, row);
        try
        {
            await host.QueryAsync(tamper, Ct, row);

            var found = await VerifyAsync(admin);
            found["isIntact"]!.GetValue<bool>().ShouldBeFalse();
            (found["firstBreak"]!["entryId"]!.GetValue<Guid>(), found["firstBreak"]!.Text("problem")).ShouldBe((row, problem));
        }
        finally
        {
            await PutBackAsync(row, kept.Single());
        }

        (await VerifyAsync(admin))["isIntact"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task A_row_that_is_gone_shows_at_the_next_one_and_the_job_alerts_staff()
    {
        var admin = await host.AStaffMemberAsync(role: 2, Ct);
        var row = await SealedRowAsync(admin);
        var next = await SealedRowAsync(admin);
        var kept = await host.QueryAsync("SELECT to_jsonb(a)::text FROM audit_log a WHERE id = $1", Ct, row);
        try
        {
            await host.QueryAsync("DELETE FROM audit_log WHERE id = $1", Ct, row);

            (await VerifyAsync(admin))["firstBreak"]!.Text("problem").ShouldBe("rows before it are missing");
            await RunAsync<VerifyAuditLog>();
            var alert = (await ItemsAsync(admin, "staff/notifications?category=audit&severity=critical")).ShouldHaveSingleItem();
            alert.Text("message").ShouldContain("rows before it are missing");
            await admin.PostAsync($"staff/notifications/{alert.Id()}/resolution", new { Notes = "A test" }, Ct);
        }
        finally
        {
            await PutBackAsync(row, kept.Single());
        }

        next.ShouldNotBe(row);
        await RunAsync<VerifyAuditLog>();
        (await ItemsAsync(admin, "staff/notifications?category=audit")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_newest_rows_cannot_go_unnoticed_either()
    {
        // In a transaction of the administrator's that is undone: the others go on writing meanwhile.
        await using var connection = await host.AdministratorAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await using var command = new Npgsql.NpgsqlCommand(
            """
            INSERT INTO audit_log (id, action) VALUES (gen_random_uuid(), 'test');
            SELECT seal_audit_log();
            DELETE FROM audit_log WHERE chain_position = (SELECT max(chain_position) FROM audit_log);
            SELECT problem FROM verify_audit_log() LIMIT 1;
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(Ct);
        await reader.NextResultAsync(Ct);
        (await reader.ReadAsync(Ct)).ShouldBeTrue();

        reader.GetString(0).ShouldBe("the newest rows are missing");
    }

    [Fact]
    public async Task Deleting_who_did_it_and_the_tenant_leaves_the_chain_whole()
    {
        var (admin, gone) = (await host.AStaffMemberAsync(role: 2, Ct), Guid.CreateVersion7());
        await host.QueryAsync("INSERT INTO tenants (id, name) VALUES ($1, 'Gone')", Ct, gone);
        await host.QueryAsync("INSERT INTO users (id) VALUES ($1)", Ct, gone);
        await host.QueryAsync("INSERT INTO audit_log (id, action, tenant_id, actor_user_id) VALUES ($1, 'test', $1, $1)", Ct, gone);
        await RunAsync<SealAuditLog>();

        await host.QueryAsync("DELETE FROM tenants WHERE id = $1", Ct, gone);
        await host.QueryAsync("DELETE FROM users WHERE id = $1", Ct, gone);

        (await host.QueryAsync("SELECT tenant_id, actor_user_id, chain_tenant_id FROM audit_log WHERE id = $1", Ct, gone)).ShouldBe([$"||{gone}"]);
        (await VerifyAsync(admin))["isIntact"]!.GetValue<bool>().ShouldBeTrue();
    }

    private async Task<Guid> SealedRowAsync(TenantClient staff)
    {
        await staff.GetAsync("staff/roles", Ct);
        await RunAsync<SealAuditLog>();
        return Guid.Parse((await host.QueryAsync(
            "SELECT id FROM audit_log WHERE actor_user_id = $1 AND chain_position IS NOT NULL ORDER BY chain_position DESC LIMIT 1", Ct, staff.UserId)).Single());
    }

    private async Task PutBackAsync(Guid row, string kept)
    {
        await host.QueryAsync("DELETE FROM audit_log WHERE id = $1", Ct, row);
        await host.QueryAsync("INSERT INTO audit_log SELECT * FROM jsonb_populate_record(NULL::audit_log, $1::jsonb)", Ct, kept);
    }

    private async Task RunAsync<T>() where T : Shared.Jobs.IRecurringJob
    {
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<T>().RunAsync(Ct);
    }

    private static Task<JsonNode> VerifyAsync(TenantClient staff) => staff.GetAsync("staff/audit-log/verification", Ct);

    private static async Task<IReadOnlyList<JsonNode>> ItemsAsync(TenantClient staff, string path) =>
        [.. (await staff.GetAsync(path, Ct))["items"]!.AsArray().Select(item => item!)];
}
