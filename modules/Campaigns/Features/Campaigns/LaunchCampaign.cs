using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Campaigns;

/// <summary>POST /campaigns/{id}/launch: starts sending, or says everything that is still missing.</summary>
internal static class LaunchCampaign
{
    internal sealed record Request(Guid Id);

    internal sealed record Response(Guid Id, CampaignStatus Status, int Leads);

    internal sealed class Endpoint(CampaignsDb db, CampaignLaunch launch) : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns/{id}/launch");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Campaigns.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } campaign)
            {
                return Problems.NotFound("Campaign");
            }

            if (!campaign.MayBeEdited)
            {
                return Problems.Conflict($"The campaign has been launched already: it is {campaign.StateInWords}.");
            }

            var launched = await launch.BeginAsync(campaign, row => row.MayBeEdited, ct);
            return launched switch
            {
                { Missing: { } missing } => missing.ToProblem(),
                { Campaign: { } begun } => TypedResults.Ok(new Response(begun.Id, begun.Status, launched.Leads)),
                _ => Problems.Conflict("The campaign has been changed meanwhile."),
            };
        }
    }
}
