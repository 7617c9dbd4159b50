using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace PenguinMails.Shared.Database;

/// <summary>
/// Puts the tenant scope before each command, in the same round trip. Npgsql sends both statements as one implicit
/// transaction, so the setting is local to it and also holds behind a pooler that shares connections by transaction.
/// </summary>
internal sealed class TenantScopeInterceptor : DbCommandInterceptor
{
    public override InterceptionResult<DbDataReader> ReaderExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        Prepend(command, eventData);
        return result;
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken ct = default)
    {
        Prepend(command, eventData);
        return ValueTask.FromResult(result);
    }

    public override DbDataReader ReaderExecuted(DbCommand command, CommandExecutedEventData eventData, DbDataReader result)
    {
        result.NextResult();
        return result;
    }

    public override async ValueTask<DbDataReader> ReaderExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken ct = default)
    {
        await result.NextResultAsync(ct);
        return result;
    }

    /// <summary>
    /// EF checks the row count of statement n for its command n, which the prefix moves by one. An update or delete that met
    /// no row (gone, or another tenant's) must not pass for done, so all of them are checked here.
    /// </summary>
    public override InterceptionResult DataReaderClosing(DbCommand command, DataReaderClosingEventData eventData, InterceptionResult result)
    {
        ThrowWhereNoRow(command, eventData.DataReader);
        return result;
    }

    public override ValueTask<InterceptionResult> DataReaderClosingAsync(
        DbCommand command, DataReaderClosingEventData eventData, InterceptionResult result)
    {
        ThrowWhereNoRow(command, eventData.DataReader);
        return ValueTask.FromResult(result);
    }

    private static void ThrowWhereNoRow(DbCommand command, DbDataReader reader)
    {
#pragma warning disable CS0618 // The reader of a multi-statement command has no other per-statement counts; EF's provider reads the same.
        if (command.CommandText.StartsWith(TenantSettings.SavePrefix, StringComparison.Ordinal)
            && !reader.IsClosed && ((NpgsqlDataReader)reader).Statements.Any(MetNoRow))
#pragma warning restore CS0618
        {
            throw new DbUpdateConcurrencyException("A row to change or delete is not there.");
        }
    }

    private static bool MetNoRow(NpgsqlBatchCommand statement) =>
        statement is { Rows: 0, StatementType: StatementType.Update or StatementType.Delete };

    public override InterceptionResult<int> NonQueryExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
    {
        Prepend(command, eventData);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken ct = default)
    {
        Prepend(command, eventData);
        return ValueTask.FromResult(result);
    }

    public override InterceptionResult<object> ScalarExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result)
    {
        Prepend(command, eventData);
        using var reader = command.ExecuteReader();
        reader.NextResult();
        return InterceptionResult<object>.SuppressWithResult(reader.Read() ? reader.GetValue(0) : null!);
    }

    public override async ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken ct = default)
    {
        Prepend(command, eventData);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        return InterceptionResult<object>.SuppressWithResult(await reader.ReadAsync(ct) ? reader.GetValue(0) : null!);
    }

    private static void Prepend(DbCommand command, CommandEventData eventData)
    {
        UnstorableTextException.ThrowIfAny(command.Parameters);
        var scope = ((ModuleDb)eventData.Context!).Scope;
        var prefix = eventData.CommandSource == CommandSource.SaveChanges ? TenantSettings.SavePrefix : TenantSettings.Prefix;
        command.CommandText = prefix + command.CommandText;
        TenantSettings.AddParameters((NpgsqlCommand)command, scope);
    }
}
