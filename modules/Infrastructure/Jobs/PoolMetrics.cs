using Npgsql;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Infrastructure.Jobs;

/// <summary>Takes a sample of the host's own pool, which all its connections come from as yet.</summary>
internal sealed class PoolMetrics(PlatformDatabase platform, TimeProvider clock) : IRecurringJob
{
    public Task RunAsync(CancellationToken ct) => platform.ColumnAsync<Guid>(
        "pool-metrics",
        """
        INSERT INTO connection_pool_metrics
            (pool_config_id, collected_at, active_connections, idle_connections, connection_usage_rate)
        SELECT pool.id, $1, used.active, used.idle, round(100.0 * used.active / pool.max_connections, 2)
        FROM connection_pool_config pool
        CROSS JOIN (
            SELECT count(*) FILTER (WHERE state <> 'idle') AS active, count(*) FILTER (WHERE state = 'idle') AS idle
            FROM pg_stat_activity
            WHERE datname = current_database() AND usename = $2
        ) used
        WHERE pool.is_active AND pool.tier = 'oltp' AND pool.pool_name = 'primary_pool'
        RETURNING pool_config_id
        """,
        ct,
        new NpgsqlParameter { Value = clock.GetUtcNow() },
        new NpgsqlParameter { Value = DatabaseRoles.App });
}
