using System.Net;
using System.Net.Http.Json;
using PenguinMails.Infrastructure.Jobs;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>The pools as staff see and change them.</summary>
public sealed class PoolEndpointTests(HostFixture host)
{
    private const string Pools = "staff/connection-pools";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pools_are_shown_with_their_newest_sample()
    {
        var staff = await host.AStaffMemberAsync(role: 4, Ct);
        var pool = await PoolScene.ANewAsync(host, Ct, max: 4);
        await using var connection = await pool.Source.OpenConnectionAsync(Ct);
        await pool.SampleAsync(Ct);

        var listed = (await staff.GetAsync(Pools, Ct))["items"]!.AsArray().Single(item => item!.Id() == pool.Id)!;
        var alone = await staff.GetAsync($"{Pools}/{pool.Id}", Ct);

        alone.Text("poolName").ShouldBe(pool.Name.Name);
        alone.Number("maxConnections").ShouldBe(4);
        alone["recommendation"].ShouldBeNull();
        var sample = alone["samples"]!.AsArray().ShouldHaveSingleItem()!;
        sample.Number("activeConnections").ShouldBe(1);
        sample["usageRate"]!.GetValue<decimal>().ShouldBe(25);
        listed["samples"]!.AsArray().ShouldHaveSingleItem()!.Number("activeConnections").ShouldBe(1);
    }

    [Fact]
    public async Task History_comes_in_even_steps()
    {
        var staff = await host.AStaffMemberAsync(role: 4, Ct);
        var pool = await PoolScene.ANewAsync(host, Ct);
        await host.QueryAsync(
            """
            INSERT INTO connection_pool_metrics (pool_config_id, collected_at, host, active_connections, pending_acquires, connection_usage_rate, pool_exhaustion_events)
            VALUES ($1, '2026-03-01T10:10:00Z', 'a', 1, 0, 10, 0), ($1, '2026-03-01T10:50:00Z', 'b', 2, 3, 20, 4), ($1, '2026-03-01T12:00:00Z', 'a', 5, 0, 50, 0)
            """, Ct, pool.Id);

        var history = await staff.GetAsync($"{Pools}/{pool.Id}/metrics?from=2026-03-01T10:00:00Z&to=2026-03-01T12:00:00Z&step=hour", Ct);

        var point = history["points"]!.AsArray().ShouldHaveSingleItem()!;
        point["at"]!.GetValue<DateTimeOffset>().ShouldBe(new DateTimeOffset(2026, 3, 1, 10, 0, 0, TimeSpan.Zero));
        point["activeAverage"]!.GetValue<double>().ShouldBe(1.5);
        point.Number("activePeak").ShouldBe(2);
        point.Number("pendingPeak").ShouldBe(3);
        point["usageRateAverage"]!.GetValue<double>().ShouldBe(15);
        point.Number("exhaustions").ShouldBe(4);
        (await staff.GetAsync($"{Pools}/{pool.Id}/metrics?from=2026-03-01T10:00:00Z&to=2026-03-01T12:00:01Z", Ct))["points"]!.AsArray().Count.ShouldBe(3);
    }

    [Fact]
    public async Task History_of_no_time_or_in_too_many_steps_is_refused()
    {
        var staff = await host.AStaffMemberAsync(role: 4, Ct);
        (string Query, string Field)[] wrong =
        [
            ("step=week", "step"), ("from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", "from"),
            ("from=2026-03-01T00:00:00Z&to=2026-03-03T00:00:00Z&step=minute", "from"),
        ];
        foreach (var (query, field) in wrong)
        {
            var answer = await staff.Http.GetAsync($"{Pools}/{Guid.CreateVersion7()}/metrics?{query}", Ct);
            (await answer.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe([field], query);
        }
    }

    [Fact]
    public async Task A_change_is_written_down_with_what_was_before()
    {
        var staff = await host.AStaffMemberAsync(role: 1, Ct);
        var pool = await PoolScene.ANewAsync(host, Ct, max: 2);
        var values = PoolScene.Values(max: 6);
        values["leakDetectionThresholdSeconds"] = 90;

        var changed = await (await pool.PutAsync(staff, values, Ct)).ReadAsync(Ct);
        (await pool.PutAsync(staff, values, Ct)).IsSuccessStatusCode.ShouldBeTrue("The same again changes nothing.");

        changed.Number("maxConnections").ShouldBe(6);
        changed.Number("leakDetectionThresholdSeconds").ShouldBe(90);
        (await host.QueryAsync(
            "SELECT actor_user_id, action, resource_type, metadata FROM audit_log WHERE resource_id = $1 AND action LIKE 'pools.%'", Ct, pool.Id.ToString()))
            .ShouldBe([$$"""{{staff.UserId}}|pools.update|connection_pool|{"max_connections": "2 -> 6", "leak_detection_threshold_seconds": "0 -> 90"}"""]);
    }

    [Fact]
    public async Task What_no_pool_can_be_is_refused()
    {
        var staff = await host.AStaffMemberAsync(role: 2, Ct);
        var pool = await PoolScene.ANewAsync(host, Ct);
        (string Field, int? Value)[] wrong =
        [
            ("minConnections", 3), ("minConnections", -1), ("maxConnections", 0), ("maxConnections", 1001), ("acquireTimeoutSeconds", 0),
            ("connectionTimeoutSeconds", 2000), ("idleTimeoutSeconds", 0), ("maxLifetimeSeconds", 0), ("leakDetectionThresholdSeconds", -1),
            ("isActive", null),
        ];
        foreach (var (field, value) in wrong)
        {
            var values = PoolScene.Values(max: 2);
            values[field] = value;
            var problem = await (await pool.PutAsync(staff, values, Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct);
            problem.Fields().ShouldBe([field]);
        }

        (await staff.GetAsync($"{Pools}/{pool.Id}", Ct)).Number("maxConnections").ShouldBe(2);
    }

    [Fact]
    public async Task The_primary_pool_stays_active()
    {
        var staff = await host.AStaffMemberAsync(role: 1, Ct);
        var primary = (await staff.GetAsync(Pools, Ct))["items"]!.AsArray().Single(item => item!.Text("poolName") == "primary_pool")!.AsObject();
        primary["isActive"] = false;

        var answer = await staff.Http.PutAsJsonAsync($"{Pools}/{primary.Id()}", primary, Ct);

        (await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["isActive"]);
    }

    [Fact]
    public async Task The_advised_size_is_applied_once()
    {
        var staff = await host.AStaffMemberAsync(role: 2, Ct);
        var pool = await PoolScene.ANewAsync(host, Ct, max: 10);
        var apply = $"{Pools}/{pool.Id}/apply-recommendation";
        await (await staff.Http.PostAsync(apply, null, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        await host.QueryAsync(
            "INSERT INTO connection_pool_metrics (pool_config_id, active_connections, connection_usage_rate) VALUES ($1, 10, 100)", Ct, pool.Id);
        await pool.RunAsync<PoolOptimisation>(Ct);
        var advice = (await staff.GetAsync($"{Pools}/recommendations", Ct))["items"]!.AsArray().Single(item => item!["poolId"]!.GetValue<Guid>() == pool.Id)!;
        advice.Text("advice").ShouldBe("Consider increasing max_connections for higher utilization");
        advice.Number("recommendedMaxConnections").ShouldBe(15);

        var applied = await (await staff.Http.PostAsync(apply, null, Ct)).ReadAsync(Ct);

        applied.Number("maxConnections").ShouldBe(15);
        applied["recommendation"].ShouldBeNull("It was advised for another size.");
        new Npgsql.NpgsqlConnectionStringBuilder(pool.Source.ConnectionString).MaxPoolSize.ShouldBe(15);
        await (await staff.Http.PostAsync(apply, null, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await host.QueryAsync("SELECT action, metadata FROM audit_log WHERE resource_id = $1 AND action LIKE 'pools.%'", Ct, pool.Id.ToString()))
            .ShouldBe(["""pools.apply_recommendation|{"max_connections": "10 -> 15"}"""]);
    }

    [Fact]
    public async Task Only_staff_with_the_permission_see_and_change_them()
    {
        var pool = await PoolScene.ANewAsync(host, Ct);
        var (support, qa, owner) = (await host.AStaffMemberAsync(role: 3, Ct), await host.AStaffMemberAsync(role: 4, Ct), await host.ATenantAsync(Ct));
        string[] reads = [Pools, $"{Pools}/{pool.Id}", $"{Pools}/{pool.Id}/metrics", $"{Pools}/recommendations"];
        foreach (var path in reads)
        {
            (await qa.Http.GetAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK, path);
            (await support.Http.GetAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
            (await owner.Http.GetAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
        }

        foreach (var person in new[] { support, qa, owner })
        {
            (await pool.PutAsync(person, PoolScene.Values(max: 9), Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await person.Http.PostAsync($"{Pools}/{pool.Id}/apply-recommendation", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        }

        (await qa.GetAsync($"{Pools}/{pool.Id}", Ct)).Number("maxConnections").ShouldBe(2);
    }

    [Fact]
    public async Task A_pool_that_is_not_there_is_not_found()
    {
        var staff = await host.AStaffMemberAsync(role: 2, Ct);
        var path = $"{Pools}/{Guid.CreateVersion7()}";

        HttpResponseMessage[] answers =
        [
            await staff.Http.GetAsync(path, Ct), await staff.Http.GetAsync($"{path}/metrics", Ct),
            await staff.Http.PutAsJsonAsync(path, PoolScene.Values(max: 2), Ct), await staff.Http.PostAsync($"{path}/apply-recommendation", null, Ct),
        ];

        foreach (var answer in answers)
        {
            await answer.ProblemAsync(HttpStatusCode.NotFound, Ct);
        }
    }
}
