using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Security.Jobs;
using PenguinMails.Shared.Jobs;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Security;

/// <summary>One class: the chain is one for the whole database.</summary>
public sealed class EventChainTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_edited_event_is_named_by_the_endpoint_and_by_the_job_and_no_longer_once_it_is_as_it_was()
    {
        var (tenant, staff) = (await host.ATenantAsync(Ct), await host.AStaffMemberAsync(role: 3, Ct));
        await RunAsync<SealSecurityEvents>();
        (await VerificationAsync(staff)).ShouldBe("True|");
        var (id, position) = await SealedAsync(tenant);

        await host.QueryAsync("UPDATE security_events SET ip_address = ip_address + 1 WHERE id = $1", Ct, id);
        try
        {
            (await VerificationAsync(staff)).ShouldBe($"False|{id} at {position}: event was changed");
            await RunAsync<VerifySecurityEvents>();
        }
        finally
        {
            await host.QueryAsync("UPDATE security_events SET ip_address = ip_address - 1 WHERE id = $1", Ct, id);
        }

        (await host.QueryAsync("SELECT severity FROM system_notifications WHERE category = 'security_incident' AND message LIKE $1", Ct, $"%event {id}, position {position}:%"))
            .ShouldBe(["critical"]);
        (await VerificationAsync(staff)).ShouldBe("True|");
    }

    [Theory]
    [InlineData("DELETE FROM security_events WHERE id = '{0}'", 1, "events before it are missing")]
    [InlineData("UPDATE security_events SET tenant_id = (SELECT id FROM tenants WHERE id <> tenant_id LIMIT 1) WHERE id = '{0}'", 0, "tenant or user was changed")]
    [InlineData("UPDATE security_events SET user_agent = 'another' WHERE id = '{0}'", 0, "event was changed")]
    [InlineData("UPDATE security_events SET created = created + interval '1 microsecond' WHERE id = '{0}'", 0, "event was changed")]
    public async Task What_was_done_to_the_chain_is_named(string deed, int after, string problem)
    {
        var tenant = await host.ATenantAsync(Ct);
        // Something behind it, before which it can be missing.
        await tenant.Http.PostAsync("auth/log-out", null, Ct);
        await host.ATenantAsync(Ct);
        await RunAsync<SealSecurityEvents>();
        var (id, position) = await SealedAsync(tenant);
        await using var administrator = await host.AdministratorAsync(Ct);

        // Seen by itself, and undone.
        await using var transaction = await administrator.BeginTransactionAsync(Ct);
        await administrator.ExecuteAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, deed, id), Ct);
        var broken = await administrator.ListAsync(
            "SELECT chain_position, problem FROM verify_security_events()", row => (row.GetInt64(0), row.GetString(1)), Ct);
        await transaction.RollbackAsync(Ct);

        broken.ShouldBe([(position + after, problem)]);
    }

    [Fact]
    public async Task That_the_newest_events_are_gone_shows()
    {
        await host.ATenantAsync(Ct);
        await RunAsync<SealSecurityEvents>();
        await using var administrator = await host.AdministratorAsync(Ct);
        await using var transaction = await administrator.BeginTransactionAsync(Ct);

        await administrator.ExecuteAsync("DELETE FROM security_events WHERE chain_position >= (SELECT max(chain_position) - 2 FROM security_events)", Ct);

        (await administrator.ListAsync<string>("SELECT problem FROM verify_security_events()", Ct)).ShouldBe(["the newest events are missing"]);
    }

    [Fact]
    public async Task A_deleted_persons_events_stay_in_the_chain()
    {
        var tenant = await host.ATenantAsync(Ct);
        await RunAsync<SealSecurityEvents>();
        var (id, _) = await SealedAsync(tenant);
        await using var administrator = await host.AdministratorAsync(Ct);
        await using var transaction = await administrator.BeginTransactionAsync(Ct);

        // As the foreign keys do.
        await administrator.ExecuteAsync($"UPDATE security_events SET tenant_id = NULL, user_id = NULL WHERE id = '{id}'", Ct);

        (await administrator.ListAsync<long>("SELECT chain_position FROM verify_security_events()", Ct)).ShouldBeEmpty();
    }

    private async Task RunAsync<TJob>() where TJob : IRecurringJob
    {
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<TJob>().RunAsync(Ct);
    }

    private async Task<(Guid Id, long Position)> SealedAsync(TenantClient tenant)
    {
        var row = (await host.QueryAsync(
            "SELECT id, chain_position FROM security_events WHERE tenant_id = $1 AND user_id IS NOT NULL AND chain_position IS NOT NULL ORDER BY chain_position LIMIT 1",
            Ct, tenant.TenantId)).ShouldHaveSingleItem().Split('|');
        return (Guid.Parse(row[0]), long.Parse(row[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    private static async Task<string> VerificationAsync(TenantClient staff)
    {
        var found = await staff.GetAsync("staff/security-events/verification", Ct);
        found["sealed"]!.GetValue<long>().ShouldBeGreaterThan(0);
        var broken = found["firstBroken"];
        return $"{found["isIntact"]!.GetValue<bool>()}|" + (broken is null ? "" : $"{broken.Text("eventId")} at {broken["chainPosition"]}: {broken.Text("problem")}");
    }
}
