using FastEndpoints;
using Hangfire;
using Hangfire.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared.Http;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Staff.Features.Jobs;

/// <summary>GET /staff/jobs: the recurring jobs of all modules, in one page.</summary>
internal static class ListJobs
{
    /// <param name="Cron">In UTC.</param>
    /// <param name="NextRun">Null while it is paused.</param>
    /// <param name="LastState">Hangfire's, in lower case, such as <c>succeeded</c>; null where it never ran or that is forgotten.</param>
    /// <param name="Error">Why it cannot be scheduled.</param>
    internal sealed record Item(
        string Id, string Cron, string Queue, bool IsPaused, DateTimeOffset? NextRun, DateTimeOffset? LastRun, string? LastState, string? Error);

    internal sealed class Endpoint(JobStorage storage) : EndpointWithoutRequest<Ok<Page<Item>>>
    {
        public override void Configure()
        {
            Get("/staff/jobs");
            Policies(Contracts.Permissions.JobsManage);
        }

        public override Task<Ok<Page<Item>>> ExecuteAsync(CancellationToken ct)
        {
            using var connection = storage.GetConnection();
            var paused = connection.PausedJobs();
            var items = connection.GetRecurringJobs().OrderBy(job => job.Id, StringComparer.Ordinal)
                .Select(job => ItemOf(job, paused.Contains(job.Id))).ToList();
            return Task.FromResult(TypedResults.Ok(new Page<Item>(items, null)));
        }

        private static Item ItemOf(RecurringJobDto job, bool isPaused) => new(
            job.Id, job.Cron, job.Job?.Queue ?? JobQueues.Default, isPaused, isPaused ? null : Utc(job.NextExecution), Utc(job.LastExecution),
            job.LastJobState?.ToLowerInvariant(), job.Error ?? job.LoadException?.Message);

        private static DateTimeOffset? Utc(DateTime? time) => time is { } known ? DateTime.SpecifyKind(known, DateTimeKind.Utc) : null;
    }
}
