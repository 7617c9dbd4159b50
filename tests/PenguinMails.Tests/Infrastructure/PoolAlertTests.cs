using System.Globalization;
using Npgsql;
using PenguinMails.Infrastructure.Jobs;
using PenguinMails.Staff.Jobs;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>What is sampled of pools, and what is said of it.</summary>
public sealed class PoolAlertTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_starved_pool_is_one_notification_that_counts_up_and_resolves_itself()
    {
        var pool = await PoolScene.ANewAsync(host, Ct, max: 2);
        var first = await pool.Source.OpenConnectionAsync(Ct);
        var second = await pool.Source.OpenConnectionAsync(Ct);
        var third = pool.Source.OpenConnectionAsync(Ct).AsTask();
        await pool.SampleAsync(Ct);
        await pool.RunAsync<PoolLeaks>(Ct);
        var once = (await pool.NotificationsAsync("pool_pressure", Ct)).ShouldHaveSingleItem();
        once.ShouldEndWith($"|False|olap pool {pool.Name.Name} utilization: 100.00%, pending: 1");

        await pool.SampleAsync(Ct);
        await pool.RunAsync<PoolLeaks>(Ct);

        var twice = (await pool.NotificationsAsync("pool_pressure", Ct)).ShouldHaveSingleItem();
        CountOf(twice).ShouldBeGreaterThan(CountOf(once));
        await first.DisposeAsync();
        await second.DisposeAsync();
        await (await third).DisposeAsync();
        await pool.SampleAsync(Ct);
        await pool.RunAsync<PoolLeaks>(Ct);
        (await pool.NotificationsAsync("pool_pressure", Ct)).ShouldBe([twice]);
        // A quarter of an hour without it.
        await host.QueryAsync(
            "UPDATE system_notifications SET auto_resolve_after = now() WHERE dedup_key = $1", Ct, $"pool_pressure:olap:{pool.Name.Name}");
        await pool.RunAsync<AutoResolveNotifications>(Ct);
        (await pool.NotificationsAsync("pool_pressure", Ct)).ShouldHaveSingleItem().ShouldContain("|True|");
    }

    [Fact]
    public async Task A_sample_tells_what_is_used_free_and_waited_for_and_who_gave_up_waiting()
    {
        var pool = await PoolScene.ANewAsync(host, Ct, max: 2, acquireSeconds: 1);
        await using var first = await pool.Source.OpenConnectionAsync(Ct);
        var second = await pool.Source.OpenConnectionAsync(Ct);
        await Should.ThrowAsync<NpgsqlException>(pool.Source.OpenConnectionAsync(Ct).AsTask());
        await pool.SampleAsync(Ct);
        (await SumsAsync(pool)).ShouldBe("1|0");
        (await NewestAsync(pool)).ShouldBe("2|0|0|2|0|100.00");
        (await host.QueryAsync("SELECT max(connection_wait_time_avg_ms) FROM connection_pool_metrics WHERE pool_config_id = $1", Ct, pool.Id))
            .Select(int.Parse).Single().ShouldBeInRange(500, 5000, "It waited a second.");

        await second.DisposeAsync();
        await pool.SampleAsync(Ct);
        (await NewestAsync(pool)).ShouldBe("1|1|0|2|0|50.00");

        // The second goes; the first goes when it comes back.
        pool.Source.Clear();
        await pool.SampleAsync(Ct);
        (await NewestAsync(pool)).ShouldBe("1|0|0|2|1|50.00");
        (await SumsAsync(pool)).ShouldBe("1|0");
    }

    [Fact]
    public async Task A_pool_that_nobody_uses_holds_no_connection_and_is_not_sampled()
    {
        var pool = await PoolScene.ANewAsync(host, Ct);

        await pool.SampleAsync(Ct);

        (await pool.BackendsAsync(Ct)).ShouldBeEmpty();
        (await host.QueryAsync("SELECT 1 FROM connection_pool_metrics WHERE pool_config_id = $1", Ct, pool.Id)).ShouldBeEmpty();
        (await host.QueryAsync("""
            SELECT DISTINCT pool_name FROM connection_pool_metrics m JOIN connection_pool_config c ON c.id = m.pool_config_id
            WHERE pool_name IN ('primary_pool', 'queue_pool', 'content_pool')
            """, Ct)).ShouldBe(["primary_pool", "queue_pool"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_session_left_idle_in_a_transaction_is_a_leak()
    {
        var pool = await PoolScene.ANewAsync(host, Ct, leakSeconds: 1);
        await using var connection = await pool.Source.OpenConnectionAsync(Ct);
        await using var left = await connection.BeginTransactionAsync(Ct);
        await connection.ScalarAsync<string>("SELECT 'somebody@example.com'", Ct);

        var said = await AlertsAsync(pool, connection.ProcessID);

        said.ShouldStartWith($"Potential Connection Leak Detected|warning|Connection PID {connection.ProcessID} of {pool.Name} has been idle in transaction for 0 minutes|");
        said.ShouldContain("\"kind\": \"leak\"");
        said.ShouldContain("query_fingerprint");
        said.ShouldNotContain("somebody");
    }

    [Fact]
    public async Task A_query_that_runs_long_is_slow_and_no_leak()
    {
        var pool = await PoolScene.ANewAsync(host, Ct, leakSeconds: 1);
        await using var connection = await pool.Source.OpenConnectionAsync(Ct);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var query = connection.ExecuteAsync("SELECT pg_sleep(60)", enough.Token);

        var said = await AlertsAsync(pool, connection.ProcessID);

        said.ShouldStartWith($"Slow Query Detected|warning|A query on connection PID {connection.ProcessID} of {pool.Name} has been running for 0 minutes|");
        said.ShouldContain("\"kind\": \"slow_query\"");
        await enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(query);
    }

    [Fact]
    public async Task Without_metrics_the_optimiser_says_that_it_knows_too_little()
    {
        var pool = await PoolScene.ANewAsync(host, Ct);

        await pool.RunAsync<PoolOptimisation>(Ct);

        (await pool.NotificationsAsync("pool_optimization", Ct)).ShouldHaveSingleItem()
            .ShouldEndWith($"|olap pool {pool.Name.Name}, 24h analysis: insufficient data");
    }

    [Theory]
    [InlineData(95, 10, 0, 0, "15")]
    [InlineData(50, 5, 200, 0, "15")]
    [InlineData(20, 2, 200, 0, "15")]
    [InlineData(50, 5, 0, 3, "15")]
    [InlineData(10, 1, 0, 0, "2")]
    [InlineData(50, 5, 0, 0, "")]
    public async Task Each_pool_is_judged_by_its_own_day(int usage, int active, int wait, int exhaustions, string size)
    {
        var pool = await PoolScene.ANewAsync(host, Ct, max: 10);
        await host.QueryAsync(
            """
            INSERT INTO connection_pool_metrics
                (pool_config_id, active_connections, connection_usage_rate, connection_wait_time_avg_ms, pool_exhaustion_events, collected_at)
            SELECT $1, $2, $3, $4, $5, now() - make_interval(mins => number) FROM generate_series(1, 20) number
            """, Ct, pool.Id, active, (decimal)usage, wait, exhaustions);

        await pool.RunAsync<PoolOptimisation>(Ct);

        (await host.QueryAsync(
            "SELECT metadata ->> 'recommended_max_connections' FROM system_notifications WHERE dedup_key = $1", Ct,
            $"pool_optimization:olap:{pool.Name.Name}")).ShouldBe([size]);
    }

    private static int CountOf(string notification) => int.Parse(notification.Split('|')[0], CultureInfo.InvariantCulture);

    // It may be found a while after its time was over: the job runs until it says so.
    private async Task<string> AlertsAsync(PoolScene pool, int pid)
    {
        var said = await Given.EventuallyAsync(
            async () =>
            {
                await pool.RunAsync<PoolLeaks>(Ct);
                return await host.QueryAsync(
                    "SELECT title, severity, message, metadata FROM system_notifications WHERE source_id = $1 AND metadata ->> 'pool_name' = $2", Ct,
                    pid.ToString(CultureInfo.InvariantCulture), pool.Name.Name);
            },
            rows => rows.Count > 0, Ct);
        return said.ShouldHaveSingleItem();
    }

    private Task<string> NewestAsync(PoolScene pool) => OneAsync(
        """
        SELECT active_connections, idle_connections, pending_acquires, total_connections_created, total_connections_destroyed, connection_usage_rate
        FROM connection_pool_metrics WHERE pool_config_id = $1 ORDER BY id DESC LIMIT 1
        """, pool);

    private Task<string> SumsAsync(PoolScene pool) => OneAsync(
        "SELECT sum(pool_exhaustion_events), sum(connection_errors_count) FROM connection_pool_metrics WHERE pool_config_id = $1", pool);

    private async Task<string> OneAsync(string sql, PoolScene pool) => (await host.QueryAsync(sql, Ct, pool.Id)).Single();
}
