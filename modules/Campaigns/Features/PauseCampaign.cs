using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features;

/// <summary>POST /campaigns/{id}/pause: nothing more is begun; what is on its way is finished.</summary>
internal static class PauseCampaign
{
    internal sealed record Request(Guid Id);

    internal sealed record Response(Guid Id, CampaignStatus Status);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns/{id}/pause");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Campaigns.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } campaign)
            {
                return Problems.NotFound("Campaign");
            }

            if (!campaign.Pause("Paused by a member."))
            {
                return Problems.Conflict("Only a campaign that is sending can be paused.");
            }

            await db.SaveChangesAsync(ct);
            return TypedResults.Ok(new Response(campaign.Id, campaign.Status));
        }
    }
}
