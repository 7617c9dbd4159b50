using Hangfire.Storage;

namespace PenguinMails.Shared.Jobs;

/// <summary>Which recurring jobs are paused: a set in Hangfire's own storage, so that it holds on all hosts and through their restarts.</summary>
public static class PausedJobs
{
    private const string Key = "paused-jobs";

    /// <summary>Whether there is a recurring job of this id at all.</summary>
    public static bool HasRecurringJob(this IStorageConnection connection, string id) =>
        connection.GetAllItemsFromSet("recurring-jobs").Contains(id);

    /// <summary>The ids of those that are paused.</summary>
    public static IReadOnlySet<string> All(IStorageConnection connection) => connection.GetAllItemsFromSet(Key);

    /// <summary>What is enqueued already still runs.</summary>
    public static void Pause(IStorageConnection connection, string id) => Write(connection, transaction => transaction.AddToSet(Key, id));

    public static void Resume(IStorageConnection connection, string id) => Write(connection, transaction => transaction.RemoveFromSet(Key, id));

    private static void Write(IStorageConnection connection, Action<IWriteOnlyTransaction> write)
    {
        using var transaction = connection.CreateWriteTransaction();
        write(transaction);
        transaction.Commit();
    }
}
