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
}
