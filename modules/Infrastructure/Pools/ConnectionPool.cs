using PenguinMails.Shared.Database;

namespace PenguinMails.Infrastructure.Pools;

/// <summary>A pool of connections to the platform's database (table <c>connection_pool_config</c>).</summary>
internal sealed class ConnectionPool
{
    public required Guid Id { get; init; }
    public required string Tier { get; init; }
    public required string PoolName { get; init; }
    public int MinConnections { get; private set; }
    public int MaxConnections { get; private set; }
    public int ConnectionTimeoutSeconds { get; private set; }
    public int AcquireTimeoutSeconds { get; private set; }
    public int IdleTimeoutSeconds { get; private set; }
    public int MaxLifetimeSeconds { get; private set; }
    public int LeakDetectionThresholdSeconds { get; private set; }
    public bool IsActive { get; private set; }
    public DateTimeOffset? Updated { get; private set; }

    public PoolName Name => new(Tier, PoolName);

    /// <summary>What the live pool is made with. Npgsql has one limit for waiting and connecting: the shorter holds, so that neither is exceeded.</summary>
    public PoolSettings Settings => new(
        Name, MinConnections, MaxConnections, Math.Min(ConnectionTimeoutSeconds, AcquireTimeoutSeconds), IdleTimeoutSeconds, MaxLifetimeSeconds);

    public PoolValues Values => new(
        MinConnections, MaxConnections, ConnectionTimeoutSeconds, AcquireTimeoutSeconds, IdleTimeoutSeconds, MaxLifetimeSeconds,
        LeakDetectionThresholdSeconds, IsActive);

    /// <returns>What is different now, by column: <c>old -> new</c>.</returns>
    public IReadOnlyDictionary<string, string?> Change(PoolValues to)
    {
        var from = Values;
        MinConnections = to.MinConnections;
        MaxConnections = to.MaxConnections;
        ConnectionTimeoutSeconds = to.ConnectionTimeoutSeconds;
        AcquireTimeoutSeconds = to.AcquireTimeoutSeconds;
        IdleTimeoutSeconds = to.IdleTimeoutSeconds;
        MaxLifetimeSeconds = to.MaxLifetimeSeconds;
        LeakDetectionThresholdSeconds = to.LeakDetectionThresholdSeconds;
        IsActive = to.IsActive;
        return from.DifferencesTo(to);
    }
}

/// <summary>What staff may set of a pool.</summary>
internal sealed record PoolValues(
    int MinConnections, int MaxConnections, int ConnectionTimeoutSeconds, int AcquireTimeoutSeconds, int IdleTimeoutSeconds,
    int MaxLifetimeSeconds, int LeakDetectionThresholdSeconds, bool IsActive)
{
    public IReadOnlyDictionary<string, string?> DifferencesTo(PoolValues other) => Columns.Zip(other.Columns)
        .Where(pair => !pair.First.Equals(pair.Second))
        .ToDictionary(pair => pair.First.Name, pair => (string?)$"{pair.First.Value} -> {pair.Second.Value}");

    private IEnumerable<(string Name, object Value)> Columns =>
    [
        ("min_connections", MinConnections), ("max_connections", MaxConnections), ("connection_timeout_seconds", ConnectionTimeoutSeconds),
        ("acquire_timeout_seconds", AcquireTimeoutSeconds), ("idle_timeout_seconds", IdleTimeoutSeconds),
        ("max_lifetime_seconds", MaxLifetimeSeconds), ("leak_detection_threshold_seconds", LeakDetectionThresholdSeconds), ("is_active", IsActive),
    ];
}
