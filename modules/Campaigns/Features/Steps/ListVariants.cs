using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Steps;

/// <summary>GET /campaigns/{id}/steps/{stepId}/variants: the texts among which a lead's is chosen.</summary>
internal static class ListVariants
{
    internal sealed record Request(Guid Id, Guid StepId);

    /// <param name="Items">All: there are few.</param>
    internal sealed record Response(IReadOnlyList<VariantResponse> Items);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/campaigns/{id}/steps/{stepId}/variants");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (!await db.Steps.AnyAsync(step => step.Id == request.StepId && step.CampaignId == request.Id, ct))
            {
                return Problems.NotFound("Step");
            }

            var variants = await db.Variants.AsNoTracking().Where(row => row.StepId == request.StepId).OrderBy(row => row.Id).ToListAsync(ct);
            return TypedResults.Ok(new Response([.. variants.Select(VariantResponse.Of)]));
        }
    }
}
