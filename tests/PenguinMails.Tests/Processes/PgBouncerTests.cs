using System.Net;
using Npgsql;
using PenguinMails.Host;
using PenguinMails.Host.Embedded.Postgres;
using PenguinMails.Shared.Database;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Processes;

/// <summary>A host whose connections are shared by transaction: nothing that is the session's may be relied on, and nothing may be left in one.</summary>
public sealed class PgBouncerTests(OwnStores stores) : IClassFixture<OwnStores>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tenants_that_share_its_connections_see_their_own_rows_only()
    {
        DataDirectory.NeedsUnix();
        await using var bouncer = await StartAsync();
        await using var host = await stores.StartHostAsync(Ct, bouncer.HostOptions);
        TenantClient[] tenants = [await host.ATenantAsync(Ct), await host.ATenantAsync(Ct), await host.ATenantAsync(Ct)];
        var leads = new Dictionary<Guid, List<Guid>>();
        foreach (var (number, tenant) in tenants.Index())
        {
            await tenant.AListAsync(5 + number, Ct);
            leads[tenant.TenantId] = await LeadsAsync(tenant);
            leads[tenant.TenantId].Count.ShouldBe(5 + number);
        }

        // Each at once with the others, so that each connection serves all of them in turn.
        await Parallel.ForEachAsync(Enumerable.Range(0, 300), new ParallelOptions { MaxDegreeOfParallelism = 24, CancellationToken = Ct }, async (number, _) =>
        {
            var (tenant, next) = (tenants[number % 3], tenants[(number + 1) % 3]);
            (await LeadsAsync(tenant)).ShouldBe(leads[tenant.TenantId], ignoreOrder: true);
            (await tenant.Http.GetAsync($"leads/{leads[next.TenantId][0]}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await tenant.Http.DeleteAsync($"leads/{leads[next.TenantId][0]}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        });

        await using var administrator = await stores.AdministratorAsync(Ct);
        (await administrator.ScalarAsync<long>($"SELECT count(*) FROM pg_stat_activity WHERE usename = '{DatabaseRoles.App}'", Ct))
            .ShouldBeInRange(1, PgBouncer.Connections);
        foreach (var tenant in tenants)
        {
            (await LeadsAsync(tenant)).ShouldBe(leads[tenant.TenantId], ignoreOrder: true);
        }
    }

    [Fact]
    public async Task A_tenants_scope_ends_with_its_statement()
    {
        DataDirectory.NeedsUnix();
        await using var bouncer = await StartAsync();
        await using var host = await stores.StartHostAsync(Ct, bouncer.HostOptions);
        var tenant = await host.ATenantAsync(Ct);
        await tenant.AListAsync(5, Ct);

        // More than it has, so that each of its connections is looked at.
        for (var number = 0; number < PgBouncer.Connections * 3; number++)
        {
            await tenant.GetAsync("leads", Ct);
            await using var connection = new NpgsqlConnection(bouncer.ConnectionString);
            await connection.OpenAsync(Ct);
            await using var transaction = await connection.BeginTransactionAsync(Ct);
            (await connection.ScalarAsync<string>("SELECT coalesce(current_setting('app.current_tenant_id', true), '')", Ct)).ShouldBe("");
            (await connection.ScalarAsync<long>("SELECT count(*) FROM leads", Ct)).ShouldBe(0);
        }
    }

    [Fact]
    public async Task A_campaign_is_imported_and_sent_and_its_host_stops()
    {
        DataDirectory.NeedsUnix();
        await using var bouncer = await StartAsync();
        await using var sink = new SinkLog();
        await using var host = await stores.StartHostAsync(Ct, [.. bouncer.HostOptions, .. sink.Options]);
        var tenant = await host.ATenantAsync(Ct, address => sink.CodeAsync(address, Ct));
        var campaign = await LongCampaign.DraftAsync(tenant, leads: 300, mailboxes: 4, Ct);
        await campaign.LaunchAsync(Ct);

        await using var administrator = await stores.AdministratorAsync(Ct);
        await campaign.CompletedAsync(administrator, Ct);
        await campaign.IsExactAsync(administrator, sink.Delivered, 0, "Behind PgBouncer", Ct);
        (await host.StopAsync("TERM", Ct)).ShouldBe(0, host.Output);
        host.Output.ShouldNotContain("fail:");
    }

    [Fact]
    public async Task The_demo_runs()
    {
        DataDirectory.NeedsUnix();
        await using var bouncer = await StartAsync();
        var data = HostProcess.NewDataDirectory();
        string[] demo = [typeof(PenguinMailsHost).Assembly.Location, "demo", "--environment=Development", "--urls=http://127.0.0.1:0", $"--Embedded:DataDirectory={data}"];

        var done = await Command.RunAsync("dotnet", [.. demo, .. bouncer.HostOptions], Ct);

        done.ExitCode.ShouldBe(0, done.Output);
        done.Output.ShouldContain("25 of 25 leads were mailed twice");
        Directory.Delete(data, recursive: true);
    }

    // The migrator holds a lock and a role for its whole session: it goes to the server directly.
    private async Task<PgBouncer> StartAsync()
    {
        var roles = OwnStores.RolesOf(stores.ConnectionString);
        await ScratchDatabase.MigrateAsync(roles, Ct);
        return await PgBouncer.StartAsync(roles, Ct);
    }

    private static async Task<List<Guid>> LeadsAsync(TenantClient tenant) =>
        [.. (await tenant.GetAsync("leads?limit=200", Ct))["items"]!.AsArray().Select(lead => lead!.Id())];
}
