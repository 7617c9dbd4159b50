using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Campaigns;

/// <summary>GET /campaigns/{id}: one campaign, its settings and steps, and how far its leads have come.</summary>
internal static class GetCampaign
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Ok<CampaignResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/campaigns/{id}");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<CampaignResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await CampaignResponse.ReadAsync(db, request.Id, ct) is { } campaign ? TypedResults.Ok(campaign) : Problems.NotFound("Campaign");
    }
}
