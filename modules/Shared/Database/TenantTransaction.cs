using System.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace PenguinMails.Shared.Database;

/// <summary>A context's transaction with the tenant scope set for its whole length: for COPY and set-based SQL beside SaveChanges.</summary>
public sealed class TenantTransaction : IAsyncDisposable
{
    private readonly IDbContextTransaction _transaction;

    private TenantTransaction(IDbContextTransaction transaction, NpgsqlConnection connection)
    {
        _transaction = transaction;
        Connection = connection;
    }

    /// <summary>The context's open connection.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>Begins a transaction on the context's connection and sets the scope.</summary>
    public static async Task<TenantTransaction> BeginAsync(
        ModuleDb db, CancellationToken ct, IsolationLevel isolation = IsolationLevel.ReadCommitted)
    {
        var transaction = await db.Database.BeginTransactionAsync(isolation, ct);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await using var command = new NpgsqlCommand(TenantSettings.Prefix, connection);
        TenantSettings.AddParameters(command, db.Scope);
        await command.ExecuteNonQueryAsync(ct);
        return new TenantTransaction(transaction, connection);
    }

    /// <summary>Makes it durable; without it, disposing rolls back.</summary>
    public Task CommitAsync(CancellationToken ct) => _transaction.CommitAsync(ct);

    public ValueTask DisposeAsync() => _transaction.DisposeAsync();
}
