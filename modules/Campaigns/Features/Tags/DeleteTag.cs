using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Tags;

/// <summary>DELETE /tags/{id}: one of the tenant's own, taken off whatever had it.</summary>
internal static class DeleteTag
{
    internal sealed record Request(long Id);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/tags/{id}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Tags.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } tag)
            {
                return Problems.NotFound("Tag");
            }

            if (tag.IsDefault)
            {
                return Problems.Conflict("A default tag is everybody's: it cannot be deleted.");
            }

            await db.Tags.Where(row => row.Id == tag.Id).ExecuteDeleteAsync(ct);
            return TypedResults.NoContent();
        }
    }
}
