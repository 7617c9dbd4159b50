using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PenguinMails.Shared.Database;

/// <summary>
/// Gives a context its connection, from the pool of its unit of work as that is at the moment. The options name no data source:
/// EF keeps its internal services by the connection string in them, and would keep a set of them for each change of a pool.
/// </summary>
internal sealed class PoolInterceptor(ConnectionPools pools) : DbConnectionInterceptor
{
    public override InterceptionResult<DbConnection> ConnectionCreating(ConnectionCreatingEventData eventData, InterceptionResult<DbConnection> result) =>
        InterceptionResult<DbConnection>.SuppressWithResult(pools.Get(PoolOf(eventData)).CreateConnection());

    public override void ConnectionFailed(DbConnection connection, ConnectionErrorEventData eventData) =>
        pools.Meters.CountFailure(PoolOf(eventData));

    public override Task ConnectionFailedAsync(DbConnection connection, ConnectionErrorEventData eventData, CancellationToken ct = default)
    {
        pools.Meters.CountFailure(PoolOf(eventData));
        return Task.CompletedTask;
    }

    private static PoolName PoolOf(DbContextEventData eventData) => ((ModuleDb)eventData.Context!).Scope.Pool;
}
