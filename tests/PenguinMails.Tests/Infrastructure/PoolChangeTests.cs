using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Tests.Processes;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>The rows of connection_pool_config as live pools.</summary>
public sealed class PoolChangeTests(HostFixture host, DataDirectory data) : IClassFixture<DataDirectory>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bigger_pool_lends_at_once_and_who_holds_a_connection_keeps_it()
    {
        var staff = await host.AStaffMemberAsync(role: 2, Ct);
        var pool = await PoolScene.ANewAsync(host, Ct, max: 2);
        var first = await pool.Source.OpenConnectionAsync(Ct);
        var second = await pool.Source.OpenConnectionAsync(Ct);
        await using var work = await first.BeginTransactionAsync(Ct);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var third = pool.Source.OpenConnectionAsync(patience.Token).AsTask();
        var held = await pool.BackendsAsync(Ct);
        held.Count.ShouldBe(2);

        await (await pool.PutAsync(staff, PoolScene.Values(max: 3), Ct)).ReadAsync(Ct);

        await using var fourth = await pool.Source.OpenConnectionAsync(Ct);
        third.IsCompleted.ShouldBeFalse("It waits for one of the two.");
        (await first.ScalarAsync<int>("SELECT 1", Ct)).ShouldBe(1);
        await work.CommitAsync(Ct);
        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(third);
        await first.CloseAsync();
        await second.CloseAsync();
        // What has come back to the pool that was replaced is closed.
        (await Given.EventuallyAsync(() => pool.BackendsAsync(Ct), backends => backends.Count == 1, Ct)).ShouldNotBe(held);
        await first.OpenAsync(Ct);
        (await first.ScalarAsync<int>("SELECT 1", Ct)).ShouldBe(1, "A context opens its connection again for each command.");
        await first.DisposeAsync();
    }

    [Fact]
    public async Task A_host_applies_what_another_has_changed()
    {
        DataDirectory.NeedsUnix();
        await using var scratch = new ScratchDatabase(host);
        await scratch.CopyAsync(Ct);
        await using var other = await HostProcess.StartAsync(data.Root, Ct,
            [.. scratch.HostOptions, $"--ConnectionStrings:redis={host.Services.GetRequiredService<IConfiguration>().GetConnectionString("redis")}"]);
        using var http = new HttpClient();
        (await http.GetAsync($"{other.Url}/health", Ct)).IsSuccessStatusCode.ShouldBeTrue();
        var before = await BackendsAsync();
        before.ShouldNotBeEmpty();

        await using var administrator = await scratch.OpenAsync(Ct);
        await administrator.ExecuteAsync("UPDATE connection_pool_config SET max_connections = 7 WHERE pool_name = 'primary_pool'", Ct);

        await Given.EventuallyAsync(BackendsAsync, now => !now.Intersect(before).Any(), Ct);
        (await http.GetAsync($"{other.Url}/health", Ct)).IsSuccessStatusCode.ShouldBeTrue();
        (await BackendsAsync()).ShouldNotBeEmpty();

        Task<IReadOnlyList<string>> BackendsAsync() => host.QueryAsync(
            "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND application_name = 'oltp/primary_pool'", Ct, scratch.Name);
    }

    [Fact]
    public async Task One_that_is_not_active_any_more_lends_the_primarys_connections()
    {
        var staff = await host.AStaffMemberAsync(role: 2, Ct);
        var pool = await PoolScene.ANewAsync(host, Ct);
        var values = PoolScene.Values(max: 2);
        values["isActive"] = false;

        (await (await pool.PutAsync(staff, values, Ct)).ReadAsync(Ct))["isActive"]!.GetValue<bool>().ShouldBeFalse();

        await using var connection = await pool.Source.OpenConnectionAsync(Ct);
        (await connection.ScalarAsync<string>("SELECT current_setting('application_name')", Ct)).ShouldBe("oltp/primary_pool");
    }

    [Fact]
    public async Task Requests_and_the_work_behind_them_use_different_pools_and_a_change_leaves_EFs_services_alone()
    {
        await using var request = host.Services.CreateAsyncScope();
        await using var job = host.ScopeOf(Guid.CreateVersion7());
        (await PoolOfAsync(request)).ShouldBe("oltp/primary_pool");
        (await PoolOfAsync(job)).ShouldBe("queue/worker_pool");

        var pool = await PoolScene.ANewAsync(host, Ct);
        await using var own = host.ScopeOf(Guid.CreateVersion7());
        own.ServiceProvider.GetRequiredService<TenantScope>().Pool = pool.Name;
        (await PoolOfAsync(own)).ShouldBe(pool.Name.ToString());
        (await own.ServiceProvider.GetRequiredService<InfrastructureDb>().Database.CanConnectAsync(Ct)).ShouldBeTrue();
        Services(own).ShouldBeSameAs(Services(request));
    }

    [Fact]
    public async Task A_tier_may_have_a_server_of_its_own()
    {
        var connections = new DatabaseConnections(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:penguinmails"] = host.Connections.Administrator,
            ["Database:Tiers:olap"] = new NpgsqlConnectionStringBuilder(host.Connections.Administrator) { Database = "postgres" }.ConnectionString,
        }).Build());
        using var meters = new PoolMeters(TimeProvider.System);
        await using var pools = new ConnectionPools(connections, meters, TimeProvider.System);
        pools.Apply([Settings("olap"), Settings("content")]);

        (await DatabaseOfAsync("olap")).ShouldBe("postgres|penguinmails_app|olap/some_pool");
        (await DatabaseOfAsync("content")).ShouldBe("penguinmails|penguinmails_app|content/some_pool");

        async Task<string> DatabaseOfAsync(string tier)
        {
            await using var connection = await pools.Get(new PoolName(tier, "some_pool")).OpenConnectionAsync(Ct);
            return await connection.ScalarAsync<string>("SELECT concat_ws('|', current_database(), current_user, current_setting('application_name'))", Ct);
        }
    }

    [Fact]
    public async Task A_pool_that_was_replaced_opens_for_work_in_hand_and_ends_when_that_is_long_over()
    {
        var clock = new MovingClock();
        using var meters = new PoolMeters(clock);
        await using var pools = new ConnectionPools(host.Connections, meters, clock);
        pools.Apply([Settings("queue", max: 1)]);
        var replaced = pools.Get(new PoolName("queue", "some_pool"));
        pools.Apply([Settings("queue", max: 1)]);
        pools.Get(new PoolName("queue", "some_pool")).ShouldBeSameAs(replaced, "Nothing has changed.");

        pools.Apply([Settings("queue", max: 2)]);

        clock.Passed = TimeSpan.FromMinutes(59);
        pools.Apply([Settings("queue", max: 2)]);
        await (await replaced.OpenConnectionAsync(Ct)).DisposeAsync();
        clock.Passed = TimeSpan.FromMinutes(61);
        pools.Apply([Settings("queue", max: 2)]);
        await Should.ThrowAsync<ObjectDisposedException>(replaced.OpenConnectionAsync(Ct).AsTask());
        await (await pools.Get(new PoolName("queue", "some_pool")).OpenConnectionAsync(Ct)).DisposeAsync();
    }

    [Fact]
    public async Task A_connection_that_cannot_be_opened_is_an_error_and_one_that_was_not_free_is_none()
    {
        var connections = new DatabaseConnections(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:penguinmails"] = host.Connections.Administrator,
            ["Database:Tiers:olap"] = new NpgsqlConnectionStringBuilder(host.Connections.Administrator) { Database = "not_there" }.ConnectionString,
        }).Build());
        using var meters = new PoolMeters(TimeProvider.System);
        await using var pools = new ConnectionPools(connections, meters, TimeProvider.System);
        var (broken, starved) = (Settings("olap", name: "broken_pool"), Settings("content", name: "starved_pool") with { TimeoutSeconds = 1 });
        pools.Apply([broken, starved]);
        await using var only = await pools.Get(starved.Name).OpenConnectionAsync(Ct);

        await Should.ThrowAsync<PostgresException>(OpenAsync(broken.Name));
        (await Should.ThrowAsync<InvalidOperationException>(OpenAsync(starved.Name))).InnerException.ShouldBeOfType<NpgsqlException>();

        var readings = meters.Sample().ToDictionary(reading => reading.Pool);
        var (failed, waited) = (readings[broken.Name.ToString()], readings[starved.Name.ToString()]);
        (failed.Errors, failed.Exhaustions, failed.TotalCreated).ShouldBe((1, 0, 0));
        (waited.Errors, waited.Exhaustions, waited.TotalCreated).ShouldBe((0, 1, 1));

        async Task OpenAsync(PoolName pool)
        {
            var options = new DbContextOptionsBuilder<InfrastructureDb>().UseNpgsql(host.Connections.For(DatabaseRoles.App))
                .AddInterceptors(new PoolInterceptor(pools)).Options;
            await using var db = new InfrastructureDb(options, new TenantScope { Pool = pool });
            await db.Database.OpenConnectionAsync(Ct);
        }
    }

    private static PoolSettings Settings(string tier, int max = 1, string name = "some_pool") => new(new PoolName(tier, name), 0, max, 15, 60, 60);

    private static Task<string> PoolOfAsync(AsyncServiceScope scope) => scope.ServiceProvider.GetRequiredService<InfrastructureDb>()
        .Database.SqlQuery<string>($"SELECT current_setting('application_name') AS \"Value\"").SingleAsync(Ct);

    // EF's own, which it keeps for all contexts of the same options.
    private static object Services(AsyncServiceScope scope) =>
        scope.ServiceProvider.GetRequiredService<InfrastructureDb>().GetService<IModelSource>();

    private sealed class MovingClock : TimeProvider
    {
        public TimeSpan Passed { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Passed;
    }
}
