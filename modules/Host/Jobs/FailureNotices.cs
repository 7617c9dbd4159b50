using Hangfire.States;
using MediatR;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Host.Jobs;

/// <summary>
/// Tells staff of a job from its third failure on. One notification for all jobs of a kind counts up; neither arguments nor the
/// exception's words are in it, which may name people.
/// </summary>
internal sealed class FailureNotices(IServiceScopeFactory scopes, ILogger<FailureNotices> log) : IElectStateFilter
{
    /// <summary>Before the retry filter (20), which makes another attempt of the failure.</summary>
    public const int Order = 10;

    private const int Patience = 3;

    public void OnStateElection(ElectStateContext context)
    {
        var failures = context.GetJobParameter<int>("RetryCount") + 1;
        if (context.CandidateState is not FailedState failed || failures < Patience)
        {
            return;
        }

        try
        {
            var job = context.BackgroundJob.Job;
            var kind = $"{job?.Type.Name}.{job?.Method.Name}";
            RaiseAsync(kind, $"Job {context.BackgroundJob.Id}, {kind}, has failed {failures} times, with {failed.Exception.GetType().Name}.")
                .GetAwaiter().GetResult();
        }
        catch (Exception exception)
        {
            // Whether the job is tried again must not hang on the notice of it.
            log.LogError(exception, "The failures of job {JobId} were not notified.", context.BackgroundJob.Id);
        }
    }

    private async Task RaiseAsync(string kind, string message)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ISender>().Send(
            new RaiseNotification("job", "A background job keeps failing", message, "error", $"job_failed:{kind}", TenantId: null));
    }
}
