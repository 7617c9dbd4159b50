using PenguinMails.Shared.Database;

namespace PenguinMails.Infrastructure.Pools;

/// <summary>What a host's pool did at one time (table <c>connection_pool_metrics</c>).</summary>
internal sealed class PoolSample
{
    public long Id { get; private set; }
    public required Guid PoolConfigId { get; init; }
    public required DateTimeOffset CollectedAt { get; init; }

    /// <summary>The host's process: each has pools of its own.</summary>
    public string? Host { get; init; }
    public int? ActiveConnections { get; init; }
    public int? IdleConnections { get; init; }
    public int? PendingAcquires { get; init; }
    public long? TotalConnectionsCreated { get; init; }
    public long? TotalConnectionsDestroyed { get; init; }
    public int? ConnectionWaitTimeAvgMs { get; init; }

    /// <summary>Per cent of the most that there may be.</summary>
    public decimal? ConnectionUsageRate { get; init; }
    public int? ConnectionErrorsCount { get; init; }
    public int? PoolExhaustionEvents { get; init; }

    public static PoolSample Of(ConnectionPool pool, PoolReading reading, string host, DateTimeOffset now) => new()
    {
        PoolConfigId = pool.Id,
        CollectedAt = now,
        Host = host,
        ActiveConnections = reading.Active,
        IdleConnections = reading.Idle,
        PendingAcquires = reading.Pending,
        TotalConnectionsCreated = reading.TotalCreated,
        TotalConnectionsDestroyed = reading.TotalDestroyed,
        ConnectionWaitTimeAvgMs = (int)reading.MeanWait.TotalMilliseconds,
        // Just after a pool was made smaller there may be more than it has room for.
        ConnectionUsageRate = Math.Min(100m * reading.Active / pool.MaxConnections, 100m),
        ConnectionErrorsCount = reading.Errors,
        PoolExhaustionEvents = reading.Exhaustions,
    };
}
