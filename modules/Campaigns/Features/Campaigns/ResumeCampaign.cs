using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Campaigns;

/// <summary>POST /campaigns/{id}/resume: goes on where it was paused.</summary>
internal static class ResumeCampaign
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(CampaignsDb db, TimeProvider clock) : Endpoint<Request, Results<Ok<CampaignState>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns/{id}/resume");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<CampaignState>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            if (await db.LockCampaignAsync(request.Id, ct) is not { } campaign)
            {
                return Problems.NotFound("Campaign");
            }

            if (!campaign.Resume(clock.GetUtcNow()))
            {
                return Problems.Conflict($"Only a paused campaign can be resumed: this one is {campaign.StateInWords}.");
            }

            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            return TypedResults.Ok(CampaignState.Of(campaign));
        }
    }
}
