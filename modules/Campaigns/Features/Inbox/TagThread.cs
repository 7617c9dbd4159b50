using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Inbox;

/// <summary>PUT /inbox/threads/{id}/tags/{tagId}: puts a tag on the thread, own or default.</summary>
internal static class TagThread
{
    internal sealed record Request(Guid Id, long TagId);

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Put("/inbox/threads/{id}/tags/{tagId}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (!await db.Threads.AnyAsync(thread => thread.Id == request.Id, ct))
            {
                return Problems.NotFound("Thread");
            }

            if (!await db.Tags.AnyAsync(tag => tag.Id == request.TagId, ct))
            {
                return Problems.NotFound("Tag");
            }

            await db.Database.ExecuteSqlAsync($"""
                INSERT INTO content.inbox_thread_tags (tenant_id, thread_id, tag_id) VALUES ({scope.RequiredTenantId}, {request.Id}, {request.TagId})
                ON CONFLICT DO NOTHING
                """, ct);
            return TypedResults.NoContent();
        }
    }
}
