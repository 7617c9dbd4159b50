using Npgsql;

namespace PenguinMails.Tests.Isolation;

/// <summary>What came of a statement that was undone again.</summary>
/// <param name="Rows">The count it selected, or the number of rows it changed.</param>
/// <param name="Error">The SQLSTATE where it failed.</param>
internal readonly record struct Attempt(long Rows, string? Error)
{
    /// <summary>Nothing was seen or changed: there was no row, or no right to look.</summary>
    public bool CameToNothing => this is { Rows: 0, Error: null } || IsDenied;

    /// <summary>The role has no right to this, or row level security forbids the new row: PostgreSQL has one code for both.</summary>
    public bool IsDenied => Error == PostgresErrorCodes.InsufficientPrivilege;

    public static Task<Attempt> CountAsync(NpgsqlConnection connection, string tableAndCondition, CancellationToken ct) => OfAsync(
        connection,
        async () =>
        {
            await using var command = new NpgsqlCommand($"SELECT count(*) FROM {tableAndCondition}", connection);
            return (long)(await command.ExecuteScalarAsync(ct))!;
        },
        ct);

    public static Task<Attempt> ChangeAsync(NpgsqlConnection connection, string sql, CancellationToken ct) => OfAsync(
        connection,
        async () =>
        {
            await using var command = new NpgsqlCommand(sql, connection);
            return await command.ExecuteNonQueryAsync(ct);
        },
        ct);

    public static Task<Attempt> InsertAsync(
        NpgsqlConnection connection, Table table, IReadOnlyDictionary<string, string> values, CancellationToken ct) => OfAsync(
        connection,
        async () =>
        {
            await RowMaker.InsertAsync(connection, table, values, ct, readBack: false);
            return 1;
        },
        ct);

    public override string ToString() => Error ?? $"{Rows} rows";

    private static async Task<Attempt> OfAsync(NpgsqlConnection connection, Func<Task<long>> run, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        try
        {
            // A deferred key answers now, not at a commit that never comes.
            await using var immediate = new NpgsqlCommand("SET CONSTRAINTS ALL IMMEDIATE", connection);
            await immediate.ExecuteNonQueryAsync(ct);
            return new Attempt(await run(), null);
        }
        catch (PostgresException exception)
        {
            return new Attempt(0, exception.SqlState);
        }
    }
}
