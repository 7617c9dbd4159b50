using Npgsql;

namespace PenguinMails.Shared.Database;

/// <summary>
/// Several statements of a context's tenant scope in one round trip and one transaction, for set-based work that EF would do row by row.
/// Parameters are positional (<c>$1</c>).
/// </summary>
public sealed class TenantCommands : IAsyncDisposable
{
    private readonly NpgsqlBatch _batch;

    /// <param name="db">Its connection is used, which the caller has opened.</param>
    public TenantCommands(ModuleDb db)
    {
        _batch = new NpgsqlBatch((NpgsqlConnection)Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.GetDbConnection(db.Database));
        Add(
            "SELECT set_config('app.current_tenant_id', $1, true), set_config('app.current_user_id', $2, true)",
            db.Scope.TenantId?.ToString() ?? "", db.Scope.UserId?.ToString() ?? "");
    }

    /// <summary>One more statement; it comes after the others.</summary>
    public void Add(string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        _batch.BatchCommands.Add(command);
    }

    /// <summary>Runs them all, or none.</summary>
    /// <returns>The first column of all rows that they answer, in order.</returns>
    public async Task<List<T>> RunAsync<T>(CancellationToken ct)
    {
        await using var reader = await _batch.ExecuteReaderAsync(ct);
        var values = new List<T>();
        // The first answers what the scope was set to.
        while (await reader.NextResultAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                values.Add(await reader.GetFieldValueAsync<T>(0, ct));
            }
        }

        return values;
    }

    public ValueTask DisposeAsync() => _batch.DisposeAsync();
}
