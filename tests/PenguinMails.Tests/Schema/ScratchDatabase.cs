using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PenguinMails.Host;
using PenguinMails.Host.Jobs;
using PenguinMails.Shared.Database;

namespace PenguinMails.Tests.Schema;

/// <summary>The name of a database beside the host's, which is dropped with all in it.</summary>
internal sealed class ScratchDatabase : IAsyncDisposable
{
    private static readonly SemaphoreSlim OneAtATime = new(1);
    private static string? _migrated;

    private readonly HostFixture _host;

    public ScratchDatabase(HostFixture host)
    {
        _host = host;
        Name = $"scratch_{Guid.CreateVersion7():N}";
        Connections = new DatabaseConnections(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:penguinmails"] =
                new NpgsqlConnectionStringBuilder(host.Connections.Administrator) { Database = Name }.ConnectionString,
            // The roles are the whole server's: their passwords stay.
            ["Database:AppPassword"] = host.Connections.PasswordOf(DatabaseRoles.App),
            ["Database:PlatformPassword"] = host.Connections.PasswordOf(DatabaseRoles.Platform),
        }).Build());
    }

    public string Name { get; }

    public DatabaseConnections Connections { get; }

    /// <summary>What a host is started with to work on it.</summary>
    public string[] HostOptions =>
    [
        $"--ConnectionStrings:penguinmails={Connections.Administrator}",
        $"--Database:AppPassword={Connections.PasswordOf(DatabaseRoles.App)}",
        $"--Database:PlatformPassword={Connections.PasswordOf(DatabaseRoles.Platform)}",
    ];

    /// <summary>What the verb <c>migrate</c> does.</summary>
    public Task<int> MigrateAsync(CancellationToken ct) => MigrateAsync(Connections, ct);

    /// <inheritdoc cref="MigrateAsync(CancellationToken)"/>
    public static Task<int> MigrateAsync(DatabaseConnections connections, CancellationToken ct) =>
        new DatabaseMigrator(connections, NullLogger<DatabaseMigrator>.Instance).MigrateAsync(Modules.Assemblies, HangfireSchema.InstallAsync, ct);

    /// <summary>Makes it, empty.</summary>
    public Task CreateAsync(CancellationToken ct) => CreateAsync("template0", ct);

    /// <summary>Makes it as <see cref="MigrateAsync(CancellationToken)"/> does, for tests that are not about that: a copy, which takes a tenth of the time.</summary>
    public async Task CopyAsync(CancellationToken ct)
    {
        await OneAtATime.WaitAsync(ct);
        try
        {
            if (_migrated is null)
            {
                // Thrown away with the fixture's server.
                var first = new ScratchDatabase(_host);
                await first.MigrateAsync(ct);
                _migrated = first.Name;
            }

            await CreateAsync(_migrated, ct);
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    /// <summary>An open connection of its administrator.</summary>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken ct)
    {
        var connection = new NpgsqlConnection(Connections.Administrator);
        await connection.OpenAsync(ct);
        return connection;
    }

    // With whatever is still connected to it.
    public async ValueTask DisposeAsync()
    {
        await using var administrator = await _host.AdministratorAsync(CancellationToken.None);
        await administrator.ExecuteAsync($"DROP DATABASE IF EXISTS {Name} WITH (FORCE)", CancellationToken.None);
    }

    private async Task CreateAsync(string template, CancellationToken ct)
    {
        await using var administrator = await _host.AdministratorAsync(ct);
        await administrator.ExecuteAsync($"CREATE DATABASE {Name} TEMPLATE {template}", ct);
    }
}
