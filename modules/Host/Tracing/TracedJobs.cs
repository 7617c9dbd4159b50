using System.Diagnostics;
using Hangfire.Client;
using Hangfire.Server;
using PenguinMails.Shared;

namespace PenguinMails.Host.Tracing;

/// <summary>A span for each job, within the trace of what enqueued it.</summary>
internal sealed class TracedJobs : IClientFilter, IServerFilter
{
    private const string Parent = "traceparent";

    public void OnCreating(CreatingContext context)
    {
        if (Activity.Current?.Id is { } current)
        {
            context.SetJobParameter(Parent, current);
        }
    }

    public void OnCreated(CreatedContext context)
    {
    }

    public void OnPerforming(PerformingContext context)
    {
        var job = context.BackgroundJob.Job;
        context.Items[Parent] = Telemetry.Begin(
            $"{job.Type.Name}.{job.Method.Name}", kind: ActivityKind.Consumer, parent: context.GetJobParameter<string?>(Parent));
    }

    public void OnPerformed(PerformedContext context)
    {
        using var span = context.Items[Parent] as Activity;
        span?.SetStatus(context.Exception is null ? ActivityStatusCode.Ok : ActivityStatusCode.Error);
    }
}
