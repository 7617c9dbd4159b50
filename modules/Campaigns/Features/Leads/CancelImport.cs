using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>POST /leads/imports/{id}/cancel: ends an import that is under way; no lead of it is made.</summary>
internal static class CancelImport
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(CampaignsDb db, TimeProvider clock) : Endpoint<Request, Results<Ok<ImportView>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/leads/imports/{id}/cancel");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<ImportView>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var now = clock.GetUtcNow();
            // Whoever works on it finds out with the next renewal of the claim, and cannot finish it from now on.
            var canceled = await db.Imports
                .Where(row => row.Id == request.Id && (row.Status == ImportStatus.Uploading || row.Status == ImportStatus.Running))
                .ExecuteUpdateAsync(row => row
                    .SetProperty(import => import.Status, ImportStatus.Canceled)
                    .SetProperty(import => import.Completed, now), ct);
            var import = await db.Imports.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.Id, ct);
            return import is null ? Problems.NotFound("Import")
                : canceled == 0 ? Problems.Conflict("The import is over.")
                : TypedResults.Ok(ImportView.Of(import, now));
        }
    }
}
