using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PenguinMails.Host.Embedded.Postgres;
using PenguinMails.Shared.Database;

namespace PenguinMails.Tests.Processes;

/// <summary>A PostgreSQL of the test's own, which it can take away from the hosts that use it and give back at the same port.</summary>
public sealed class OwnStores : IAsyncLifetime
{
    private const string Password = "a-password-of-these-tests";

    private readonly string _root = HostProcess.NewDataDirectory();
    private ServerHome? _home;
    private PostgresBinaries? _binaries;
    private PostgresCluster? _cluster;
    private int _port;

    public string ConnectionString => EmbeddedPostgres.Connection(_port, Password).ConnectionString;

    internal PostgresBinaries Binaries => _binaries!;

    /// <summary>One for all hosts, as their keys are.</summary>
    public string HostDirectory => Path.Combine(_root, "host");

    public async ValueTask InitializeAsync()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Directory.CreateDirectory(HostDirectory);
        _home = await ServerHome.OpenAsync(_root, NullLogger.Instance, CancellationToken.None);
        _binaries = await PostgresBinaries.FindAsync(_home.Account, NullLogger.Instance, CancellationToken.None);
        _cluster = new PostgresCluster(_binaries, _home);
        await _cluster.InitialiseAsync(Password, CancellationToken.None);
        _port = await _cluster.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.StopAsync();
        }

        Directory.Delete(_root, recursive: true);
    }

    /// <summary>The roles of a database of a server like this one.</summary>
    internal static DatabaseConnections RolesOf(string connectionString) => new(new ConfigurationBuilder()
        .AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:penguinmails"] = connectionString }).Build());

    /// <summary>A host over these stores.</summary>
    internal Task<HostProcess> StartHostAsync(CancellationToken ct, params string[] options) =>
        HostProcess.StartAsync(HostDirectory, ct, [$"--ConnectionStrings:penguinmails={ConnectionString}", .. options]);

    /// <summary>Ends it as a crash would: nothing is finished, nobody is told.</summary>
    public Task CrashPostgresAsync() => PgCtlAsync("stop", "-m", "immediate");

    public Task StartPostgresAsync() => PgCtlAsync(
        "start", "-s", "-l", _cluster!.Log, "-o", $"-p {_port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200");

    public async Task<NpgsqlConnection> AdministratorAsync(CancellationToken ct)
    {
        // Of its own: one that waits in a pool may be dead since a crash.
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(ct);
        return connection;
    }

    private async Task PgCtlAsync(string command, params string[] arguments)
    {
        var done = await _home!.Account.RunAsync(
            _binaries!.PgCtl, [command, "-w", "-t", "60", "-D", _cluster!.Data, .. arguments], CancellationToken.None);
        done.ExitCode.ShouldBe(0, done.Output);
    }
}
