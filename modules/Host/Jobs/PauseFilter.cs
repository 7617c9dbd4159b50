using Hangfire.Client;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Host.Jobs;

/// <summary>Keeps a paused recurring job from being enqueued. Its schedule stays, whichever host starts and writes it anew.</summary>
internal sealed class PauseFilter : IClientFilter
{
    public void OnCreating(CreatingContext context) => context.Canceled =
        context.Parameters.TryGetValue("RecurringJobId", out var id) && context.Connection.PausedJobs().Contains((string)id);

    public void OnCreated(CreatedContext context)
    {
    }
}
