namespace PenguinMails.Shared.Jobs;

/// <summary>A job that Hangfire runs again and again, never twice at once.</summary>
public interface IRecurringJob
{
    /// <summary>Does the work once. The token is cancelled when the host stops.</summary>
    Task RunAsync(CancellationToken ct);
}

/// <summary>One line of a module's list of recurring jobs.</summary>
/// <param name="Id">Constant and unique: a job keeps its id for ever.</param>
/// <param name="Cron">When, in UTC.</param>
/// <param name="Job">A registered <see cref="IRecurringJob"/>.</param>
/// <param name="Queue">One of <see cref="JobQueues"/>.</param>
public sealed record RecurringJob(string Id, string Cron, Type Job, string Queue)
{
    /// <summary>A line for <typeparamref name="T"/>.</summary>
    public static RecurringJob Of<T>(string id, string cron, string queue = JobQueues.Default) where T : IRecurringJob =>
        new(id, cron, typeof(T), queue);
}
