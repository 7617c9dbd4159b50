using Npgsql;

namespace PenguinMails.Host.Embedded.Postgres;

/// <summary>A real PostgreSQL server of the host's own: started with it, stopped with it, its data below the data root.</summary>
internal sealed class EmbeddedPostgres : IAsyncDisposable
{
    private const string Database = "penguinmails";

    private readonly PostgresCluster _cluster;
    private readonly IReadOnlyList<FileLock> _locks;

    private EmbeddedPostgres(PostgresCluster cluster, IReadOnlyList<FileLock> locks, string connectionString) =>
        (_cluster, _locks, ConnectionString) = (cluster, locks, connectionString);

    /// <summary>The superuser's connection to the penguinmails database.</summary>
    internal string ConnectionString { get; }

    internal static async Task<EmbeddedPostgres> StartAsync(string dataRoot, ILogger log, CancellationToken ct)
    {
        dataRoot = Path.GetFullPath(dataRoot);
        var locks = new List<FileLock> { FileLock.TakeForHost(dataRoot) };
        try
        {
            var home = await ServerHome.OpenAsync(dataRoot, log, ct);
            if (home.Directory != dataRoot)
            {
                locks.Add(FileLock.TakeForHost(home.Directory));
            }

            var cluster = new PostgresCluster(await PostgresBinaries.FindAsync(home.Account, log, ct), home);
            return new EmbeddedPostgres(cluster, locks, await StartAsync(cluster, Path.Combine(dataRoot, "postgres.password"), log, ct));
        }
        catch
        {
            locks.ForEach(held => held.Dispose());
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.StopAsync();
        foreach (var held in _locks)
        {
            held.Dispose();
        }
    }

    private static async Task<string> StartAsync(PostgresCluster cluster, string passwordFile, ILogger log, CancellationToken ct)
    {
        if (Directory.Exists(cluster.Data) && !File.Exists(passwordFile))
        {
            throw new InvalidOperationException(
                $"{passwordFile} is gone, and {cluster.Data} opens with no other password. Put it back, or delete the data to start anew.");
        }

        var password = SecretFile.ReadOrCreate(passwordFile);
        await LeftoverServer.StopAsync(cluster, password, log, ct);
        await cluster.InitialiseAsync(password, ct);
        try
        {
            var connection = Connection(await cluster.StartAsync(ct), password);
            await CreateDatabaseAsync(connection, ct);
            log.LogInformation("PostgreSQL listens on port {Port}; its data is in {Data}, its log in {Log}", connection.Port, cluster.Data, cluster.Log);
            connection.Database = Database;
            // No pooler stands between, which statements kept prepared would not survive.
            connection.MaxAutoPrepare = 200;
            return connection.ConnectionString;
        }
        catch
        {
            await cluster.StopAsync();
            throw;
        }
    }

    /// <summary>To the database every server has. Loopback only, so no encryption to negotiate on each connection.</summary>
    internal static NpgsqlConnectionStringBuilder Connection(int port, string password) => new()
    {
        Host = "127.0.0.1",
        Port = port,
        Username = "postgres",
        Password = password,
        Database = "postgres",
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    };

    private static async Task CreateDatabaseAsync(NpgsqlConnectionStringBuilder connection, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var known = source.CreateCommand("SELECT 1 FROM pg_database WHERE datname = $1");
        known.Parameters.Add(new() { Value = Database });
        if (await known.ExecuteScalarAsync(ct) is null)
        {
            await using var create = source.CreateCommand($"CREATE DATABASE {Database} ENCODING 'UTF8' TEMPLATE template0");
            await create.ExecuteNonQueryAsync(ct);
        }
    }
}
