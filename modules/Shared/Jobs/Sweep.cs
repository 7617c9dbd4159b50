using System.Collections.Concurrent;

namespace PenguinMails.Shared.Jobs;

/// <summary>Work over many that are due, of which one that fails must not keep the others waiting.</summary>
public static class Sweep
{
    /// <summary>Does the work for each in turn.</summary>
    /// <exception cref="AggregateException">Some failed: all the others are done.</exception>
    public static async Task EachApartAsync<T>(IEnumerable<T> due, Func<T, Task> work, CancellationToken ct)
    {
        var faults = new List<Exception>();
        foreach (var one in due)
        {
            try
            {
                await work(one);
            }
            catch (Exception exception) when (!ct.IsCancellationRequested)
            {
                faults.Add(exception);
            }
        }

        if (faults.Count > 0)
        {
            throw new AggregateException(faults);
        }
    }

    /// <summary>Does the work for each, so many at once: for work that mostly waits for others.</summary>
    /// <exception cref="AggregateException">Some failed: all the others are done.</exception>
    public static async Task EachApartAsync<T>(IAsyncEnumerable<T> due, int atOnce, Func<T, CancellationToken, Task> work, CancellationToken ct)
    {
        var faults = new ConcurrentQueue<Exception>();
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = ct }, async (one, cancelled) =>
        {
            try
            {
                await work(one, cancelled);
            }
            catch (Exception exception) when (!ct.IsCancellationRequested)
            {
                faults.Enqueue(exception);
            }
        });
        if (!faults.IsEmpty)
        {
            throw new AggregateException(faults);
        }
    }
}
