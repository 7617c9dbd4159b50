using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features;

/// <summary>POST /campaigns/{id}/resume: goes on where it was paused.</summary>
internal static class ResumeCampaign
{
    internal sealed record Request(Guid Id);

    internal sealed record Response(Guid Id, CampaignStatus Status);

    internal sealed class Endpoint(CampaignsDb db, TimeProvider clock) : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns/{id}/resume");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Campaigns.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } campaign)
            {
                return Problems.NotFound("Campaign");
            }

            if (!campaign.Resume(clock.GetUtcNow()))
            {
                return Problems.Conflict("Only a paused campaign can be resumed.");
            }

            await db.SaveChangesAsync(ct);
            return TypedResults.Ok(new Response(campaign.Id, campaign.Status));
        }
    }
}
