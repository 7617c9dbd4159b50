using Hangfire.Storage;

namespace PenguinMails.Shared.Jobs;

/// <summary>
/// What Hangfire's own storage says of recurring jobs. Which are paused is a set in it, so that it holds on all hosts and through
/// their restarts.
/// </summary>
public static class RecurringJobStore
{
    private const string Paused = "paused-jobs";

    /// <summary>Whether there is a recurring job of this id.</summary>
    public static bool HasRecurringJob(this IStorageConnection connection, string id) =>
        connection.GetAllItemsFromSet("recurring-jobs").Contains(id);

    /// <summary>The ids of those that are paused.</summary>
    public static IReadOnlySet<string> PausedJobs(this IStorageConnection connection) => connection.GetAllItemsFromSet(Paused);

    /// <summary>From now on its runs are left out; what is enqueued already still runs.</summary>
    public static void PauseJob(this IStorageConnection connection, string id) =>
        connection.Write(transaction => transaction.AddToSet(Paused, id));

    /// <summary>It runs again, from its next time on.</summary>
    public static void ResumeJob(this IStorageConnection connection, string id) =>
        connection.Write(transaction => transaction.RemoveFromSet(Paused, id));

    private static void Write(this IStorageConnection connection, Action<IWriteOnlyTransaction> write)
    {
        using var transaction = connection.CreateWriteTransaction();
        write(transaction);
        transaction.Commit();
    }
}
