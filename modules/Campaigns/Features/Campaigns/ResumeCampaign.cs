using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Campaigns;

/// <summary>POST /campaigns/{id}/resume: goes on where it was paused, or says everything that keeps it from sending.</summary>
internal static class ResumeCampaign
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(CampaignsDb db, LaunchCheck check, TimeProvider clock) : Endpoint<Request, Results<Ok<CampaignState>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns/{id}/resume");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<CampaignState>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            // Other modules are asked before anything is held.
            if (await db.Campaigns.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.Id && row.Status == CampaignStatus.Paused, ct) is { } paused
                && await check.MissingAsync(paused, ct) is { } missing)
            {
                return missing.ToProblem();
            }

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
