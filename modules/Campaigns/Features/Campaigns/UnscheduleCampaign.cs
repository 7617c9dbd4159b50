using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Campaigns;

/// <summary>POST /campaigns/{id}/unschedule: it is a draft again and does not begin by itself.</summary>
internal static class UnscheduleCampaign
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Ok<CampaignState>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns/{id}/unschedule");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<CampaignState>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            if (await db.LockCampaignAsync(request.Id, ct) is not { } campaign)
            {
                return Problems.NotFound("Campaign");
            }

            if (!campaign.Unschedule())
            {
                return Problems.Conflict($"Only a scheduled campaign can be taken off the schedule: this one is {campaign.StateInWords}.");
            }

            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            return TypedResults.Ok(CampaignState.Of(campaign));
        }
    }
}
