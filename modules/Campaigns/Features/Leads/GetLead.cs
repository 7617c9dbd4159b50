using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>GET /leads/{id}: one contact, its lists and tags.</summary>
internal static class GetLead
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Ok<LeadView>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/leads/{id}");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<LeadView>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await LeadView.ReadAsync(db, request.Id, ct) is { } lead ? TypedResults.Ok(lead) : Problems.NotFound("Lead");
    }
}
