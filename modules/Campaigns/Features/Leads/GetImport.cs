using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>GET /leads/imports/{id}: one import and its counts.</summary>
internal static class GetImport
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(CampaignsDb db, TimeProvider clock) : Endpoint<Request, Results<Ok<ImportView>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/leads/imports/{id}");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<ImportView>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.Imports.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.Id, ct) is { } import
                ? TypedResults.Ok(ImportView.Of(import, clock.GetUtcNow()))
                : Problems.NotFound("Import");
    }
}
