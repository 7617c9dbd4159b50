using System.Diagnostics.Metrics;
using Npgsql;

namespace PenguinMails.Shared.Database;

/// <summary>
/// Connections of the role that sees all tenants. Each use names its purpose, which is counted: sweeps that find tenants with
/// work to do, never a tenant's request.
/// </summary>
public sealed class PlatformDatabase(string connectionString) : IAsyncDisposable
{
    private static readonly Meter Meter = new("PenguinMails.Platform");
    private static readonly Counter<long> Uses = Meter.CreateCounter<long>(
        "penguinmails.platform_role.uses", description: "Connections taken by the cross-tenant role, by purpose.");

    // Beside the other pools of a host or two the server must have room.
    private const int MostConnections = 30;

    private readonly NpgsqlDataSource _source = Build(connectionString);

    /// <summary>An open connection of the platform role.</summary>
    /// <param name="purpose">A constant such as <c>dispatch</c>.</param>
    public ValueTask<NpgsqlConnection> OpenAsync(string purpose, CancellationToken ct) => Use(purpose).OpenConnectionAsync(ct);

    /// <summary>The role's connections, for one more use.</summary>
    internal NpgsqlDataSource Use(string purpose)
    {
        Uses.Add(1, new KeyValuePair<string, object?>("purpose", purpose));
        return _source;
    }

    /// <summary>Runs one statement and returns the first column of its rows.</summary>
    public async Task<IReadOnlyList<T>> ColumnAsync<T>(
        string purpose, string sql, CancellationToken ct, params NpgsqlParameter[] parameters)
    {
        await using var connection = await OpenAsync(purpose, ct);
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var values = new List<T>();
        while (await reader.ReadAsync(ct))
        {
            values.Add(reader.GetFieldValue<T>(0));
        }

        return values;
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static NpgsqlDataSource Build(string connectionString)
    {
        var options = new NpgsqlConnectionStringBuilder(connectionString);
        options.MaxPoolSize = Math.Min(options.MaxPoolSize, MostConnections);
        return new NpgsqlDataSourceBuilder(options.ConnectionString) { Name = DatabaseRoles.Platform }.Build();
    }
}
