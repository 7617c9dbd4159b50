using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Steps;

/// <summary>GET /campaigns/{id}/steps: its steps in order, with their variants.</summary>
internal static class ListSteps
{
    internal sealed record Request(Guid Id);

    /// <param name="Items">All: there are few.</param>
    internal sealed record Response(IReadOnlyList<StepResponse> Items);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/campaigns/{id}/steps");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.Campaigns.AnyAsync(row => row.Id == request.Id, ct)
                ? TypedResults.Ok(new Response(await StepResponse.ListAsync(db, request.Id, ct)))
                : Problems.NotFound("Campaign");
    }
}
