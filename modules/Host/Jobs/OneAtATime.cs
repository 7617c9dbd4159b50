using Hangfire.Server;
using Npgsql;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Host.Jobs;

/// <summary>
/// A recurring job that is still running on some host is not run beside itself: that run is left out. Hangfire's own lock is a row
/// that outlives a killed host and runs out under a long job; this one is held by a transaction, and gone with it.
/// </summary>
internal sealed class OneAtATime(ConnectionPools pools) : IServerFilter
{
    private const string Lock = nameof(OneAtATime);

    public void OnPerforming(PerformingContext context)
    {
        if (!context.BackgroundJob.Job.Type.IsAssignableTo(typeof(IRecurringJob)))
        {
            return;
        }

        var connection = pools.Get(PoolName.Queue).OpenConnection();
        try
        {
            connection.BeginTransaction();
            using var command = new NpgsqlCommand("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", connection)
            {
                Parameters = { new NpgsqlParameter { Value = $"job:{context.BackgroundJob.Job.Type.FullName}" } },
            };
            context.Canceled = !(bool)command.ExecuteScalar()!;
            context.Items[Lock] = connection;
        }
        finally
        {
            // Whoever got the lock keeps the connection.
            if (context.Canceled || !context.Items.ContainsKey(Lock))
            {
                connection.Dispose();
            }
        }
    }

    // Closing the connection ends its transaction.
    public void OnPerformed(PerformedContext context)
    {
        if (context.Items.TryGetValue(Lock, out var connection))
        {
            ((NpgsqlConnection)connection).Dispose();
        }
    }
}
