using Npgsql;

namespace PenguinMails.Shared.Database;

/// <summary>What a pool is made with. The same settings are the same pool.</summary>
/// <param name="MinConnections">Kept once they are open; none is opened before it is asked for.</param>
/// <param name="MaxConnections">Open at once, on each host.</param>
/// <param name="TimeoutSeconds">How long a caller waits for an open connection, be it a free one or a new one.</param>
/// <param name="IdleSeconds">After so long an idle connection above the minimum is closed.</param>
/// <param name="LifetimeSeconds">After so long a connection is closed when it comes back.</param>
public sealed record PoolSettings(PoolName Name, int MinConnections, int MaxConnections, int TimeoutSeconds, int IdleSeconds, int LifetimeSeconds)
{
    /// <summary>A day: Npgsql keeps an array as long as the idle time.</summary>
    public const int LongestIdleSeconds = 86_400;

    /// <summary>The most that Npgsql takes.</summary>
    public const int LongestTimeoutSeconds = 1024;

    internal NpgsqlDataSource Build(string connectionString)
    {
        var options = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = Name.ToString(),
            MinPoolSize = MinConnections,
            MaxPoolSize = MaxConnections,
            Timeout = Math.Min(TimeoutSeconds, LongestTimeoutSeconds),
            ConnectionIdleLifetime = Math.Min(IdleSeconds, LongestIdleSeconds),
            // Npgsql wants it to be no longer than the idle time.
            ConnectionPruningInterval = Math.Min(IdleSeconds, 10),
            ConnectionLifetime = LifetimeSeconds,
        };
        return new NpgsqlDataSourceBuilder(options.ConnectionString) { Name = Name.ToString() }.Build();
    }
}
