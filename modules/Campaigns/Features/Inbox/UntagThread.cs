using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Inbox;

/// <summary>DELETE /inbox/threads/{id}/tags/{tagId}: takes the tag off the thread.</summary>
internal static class UntagThread
{
    internal sealed record Request(Guid Id, long TagId);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/inbox/threads/{id}/tags/{tagId}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.ThreadTags.Where(row => row.ThreadId == request.Id && row.TagId == request.TagId).ExecuteDeleteAsync(ct) == 0
                ? Problems.NotFound("Tag of the thread")
                : TypedResults.NoContent();
    }
}
