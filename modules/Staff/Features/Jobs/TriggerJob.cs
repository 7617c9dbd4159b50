using FastEndpoints;
using Hangfire;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared.Http;
using PenguinMails.Shared.Jobs;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Staff.Features.Jobs;

/// <summary>POST /staff/jobs/{id}/trigger: runs it now, whatever its schedule says.</summary>
internal static class TriggerJob
{
    internal sealed record Request(string Id);

    internal sealed class Endpoint(JobStorage storage, IRecurringJobManager jobs, ISender modules)
        : Endpoint<Request, Results<Accepted, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/jobs/{id}/trigger");
            Policies(Contracts.Permissions.JobsManage);
        }

        public override async Task<Results<Accepted, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            using var connection = storage.GetConnection();
            if (!connection.HasRecurringJob(request.Id))
            {
                return Problems.NotFound("Job");
            }

            if (connection.PausedJobs().Contains(request.Id))
            {
                return Problems.Conflict("The job is paused: resume it first.");
            }

            jobs.Trigger(request.Id);
            await modules.Send(new RecordAudit("jobs.trigger", "job", request.Id), ct);
            return TypedResults.Accepted((string?)null);
        }
    }
}
