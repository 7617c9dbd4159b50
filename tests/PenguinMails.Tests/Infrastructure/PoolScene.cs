using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PenguinMails.Infrastructure.Pools;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>A pool of a test's own: nobody else takes connections from it.</summary>
internal sealed record PoolScene(HostFixture Host, Guid Id, PoolName Name)
{
    /// <summary>Adds the row, which the host makes a pool of.</summary>
    /// <param name="leakSeconds">How long a connection may be held before that is an alert.</param>
    public static async Task<PoolScene> ANewAsync(
        HostFixture host, CancellationToken ct, int max = 2, int acquireSeconds = 60, int leakSeconds = 0)
    {
        var scene = new PoolScene(host, Guid.CreateVersion7(), new PoolName("olap", $"test_{Guid.CreateVersion7():N}"));
        await host.QueryAsync(
            """
            INSERT INTO connection_pool_config
                (id, tier, pool_name, min_connections, max_connections, acquire_timeout_seconds, leak_detection_threshold_seconds)
            VALUES ($1, 'olap', $2, 0, $3, $4, $5)
            """, ct, scene.Id, scene.Name.Name, max, acquireSeconds, leakSeconds);
        await host.Services.GetRequiredService<LivePools>().ApplyAsync(ct);
        return scene;
    }

    /// <summary>The pool as it is at the moment.</summary>
    public NpgsqlDataSource Source => Host.Services.GetRequiredService<ConnectionPools>().Get(Name);

    /// <summary>What a PUT says, which leaves the pool as <see cref="ANewAsync"/> made it but for the size.</summary>
    public static JsonObject Values(int max) => new()
    {
        ["minConnections"] = 0,
        ["maxConnections"] = max,
        ["connectionTimeoutSeconds"] = 30,
        ["acquireTimeoutSeconds"] = 60,
        ["idleTimeoutSeconds"] = 300,
        ["maxLifetimeSeconds"] = 3600,
        ["leakDetectionThresholdSeconds"] = 0,
        ["isActive"] = true,
    };

    public Task<HttpResponseMessage> PutAsync(TenantClient person, JsonObject values, CancellationToken ct) =>
        person.Http.PutAsJsonAsync($"staff/connection-pools/{Id}", values, ct);

    /// <summary>What each minute does.</summary>
    public Task SampleAsync(CancellationToken ct) => Host.Services.GetRequiredService<PoolSampling>().SampleAsync(ct);

    public async Task RunAsync<TJob>(CancellationToken ct) where TJob : IRecurringJob
    {
        await using var scope = Host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<TJob>().RunAsync(ct);
    }

    /// <summary>The processes of the server that serve the pool.</summary>
    public Task<IReadOnlyList<string>> BackendsAsync(CancellationToken ct) => Host.QueryAsync(
        "SELECT pid FROM pg_stat_activity WHERE application_name = $1", ct, Name.ToString());

    /// <summary>Rows such as <c>2|False|message</c>: how often, whether it is resolved, and the words.</summary>
    public Task<IReadOnlyList<string>> NotificationsAsync(string matter, CancellationToken ct) => Host.QueryAsync(
        "SELECT alert_count, is_resolved, message FROM system_notifications WHERE dedup_key = $1 ORDER BY created", ct,
        $"{matter}:{Name.Tier}:{Name.Name}");
}
