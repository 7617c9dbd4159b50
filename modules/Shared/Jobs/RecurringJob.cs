namespace PenguinMails.Shared.Jobs;

/// <summary>A job that Hangfire runs again and again.</summary>
public interface IRecurringJob
{
    /// <summary>Does the work once. The token is cancelled when the host stops.</summary>
    Task RunAsync(CancellationToken ct);
}

/// <summary>One line of a module's list of recurring jobs.</summary>
/// <param name="Id">Constant and unique: a job keeps its id for ever.</param>
/// <param name="Cron">When, in UTC.</param>
/// <param name="Job">A registered <see cref="IRecurringJob"/>.</param>
public sealed record RecurringJob(string Id, string Cron, Type Job)
{
    /// <summary>A line for <typeparamref name="T"/>.</summary>
    public static RecurringJob Of<T>(string id, string cron) where T : IRecurringJob => new(id, cron, typeof(T));
}
