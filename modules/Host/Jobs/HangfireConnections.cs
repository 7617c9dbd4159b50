using Hangfire.PostgreSql;
using Npgsql;
using PenguinMails.Shared.Database;

namespace PenguinMails.Host.Jobs;

/// <summary>Hangfire's connections come from a pool of its own.</summary>
internal sealed class HangfireConnections(ConnectionPools pools) : IConnectionFactory
{
    public NpgsqlConnection GetOrCreateConnection() => pools.Get(PoolName.Queue).CreateConnection();
}
