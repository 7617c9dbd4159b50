using System.Diagnostics;
using System.Security.Cryptography;
using Npgsql;
using PenguinMails.Host.Embedded;
using PenguinMails.Host.Embedded.Postgres;
using PenguinMails.Shared.Database;

namespace PenguinMails.Tests.Processes;

/// <summary>A real PgBouncer in transaction mode before a server, with so few connections to it that its clients must share them.</summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    /// <summary>To the server, of each role.</summary>
    public const int Connections = 4;

    private static readonly string[] Places = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer"];

    private readonly string _directory;
    private readonly Process _process;
    private readonly DatabaseConnections _roles;
    private readonly int _port;

    private PgBouncer(string directory, Process process, DatabaseConnections roles, int port) =>
        (_directory, _process, _roles, _port) = (directory, process, roles, port);

    /// <summary>What a host is started with that is to come through here: as its own role, so that it does not migrate.</summary>
    public string[] HostOptions =>
    [
        $"--ConnectionStrings:penguinmails={ConnectionString}", $"--Database:PlatformPassword={_roles.PasswordOf(DatabaseRoles.Platform)}",
    ];

    /// <summary>Of the host's role.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(_roles.For(DatabaseRoles.App)) { Port = _port }.ConnectionString;

    /// <summary>Starts it before the server that the roles log in to, or skips the test with what is missing.</summary>
    public static async Task<PgBouncer> StartAsync(DatabaseConnections roles, CancellationToken ct)
    {
        var program = Places.FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "pgbouncer is not installed (Debian: pgbouncer).");
        var directory = Directory.CreateDirectory($"/tmp/pmpb-{RandomNumberGenerator.GetHexString(8)}").FullName;
        var port = LoopbackPort.Free();
        var server = new NpgsqlConnectionStringBuilder(roles.Administrator);
        await File.WriteAllLinesAsync($"{directory}/users.txt",
            new[] { DatabaseRoles.App, DatabaseRoles.Platform }.Select(role => $"\"{role}\" \"{roles.PasswordOf(role)}\""), ct);
        await File.WriteAllTextAsync($"{directory}/pgbouncer.ini", $"""
            [databases]
            * = host={server.Host} port={server.Port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = {directory}/users.txt
            pool_mode = transaction
            default_pool_size = {Connections}
            max_client_conn = 500
            """, ct);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        }

        // It refuses root as PostgreSQL does.
        string[] command = ServerAccount.HostIsRoot
            ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", program!, $"{directory}/pgbouncer.ini"]
            : [program!, $"{directory}/pgbouncer.ini"];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true };
        var process = Process.Start(start)!;
        var said = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var bouncer = new PgBouncer(directory, process, roles, port);
        await Given.EventuallyAsync(() => bouncer.AnswersAsync(said, ct), answers => answers, ct);
        return bouncer;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task<bool> AnswersAsync(Task<string> said, CancellationToken ct)
    {
        _process.HasExited.ShouldBeFalse(_process.HasExited ? await said : "");
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString);
            await connection.OpenAsync(ct);
            return true;
        }
        catch (NpgsqlException exception) when (exception is not PostgresException)
        {
            return false;
        }
    }
}
