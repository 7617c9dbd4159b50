using FastEndpoints;
using Hangfire;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared.Http;
using PenguinMails.Shared.Jobs;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Staff.Features.Jobs;

/// <summary>POST /staff/jobs/{id}/resume: lets it run again, from its next time on.</summary>
internal static class ResumeJob
{
    internal sealed record Request(string Id);

    internal sealed class Endpoint(JobStorage storage, ISender modules) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/jobs/{id}/resume");
            Policies(Contracts.Permissions.JobsManage);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            using var connection = storage.GetConnection();
            if (!connection.HasRecurringJob(request.Id))
            {
                return Problems.NotFound("Job");
            }

            connection.ResumeJob(request.Id);
            await modules.Send(new RecordAudit("jobs.resume", "job", request.Id), ct);
            return TypedResults.NoContent();
        }
    }
}
