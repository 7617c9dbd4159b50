using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Inbox;

/// <summary>POST /inbox/threads/{id}/read, /unread, /archive or /unarchive: a second time changes nothing.</summary>
internal static class MarkThread
{
    internal sealed record Request(Guid Id, string Action);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/inbox/threads/{id}/{action:regex(^(read|unread|archive|unarchive)$)}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            // The thread first: what comes in meanwhile waits, and counts after it.
            var thread = db.Threads.Where(row => row.Id == request.Id);
            var found = await (request.Action switch
            {
                "read" => ReadAsync(thread, request.Id, ct),
                "unread" => UnreadAsync(thread, request.Id, ct),
                var action => thread.ExecuteUpdateAsync(row => row.SetProperty(one => one.IsArchived, action == "archive"), ct),
            });
            if (found == 0)
            {
                return Problems.NotFound("Thread");
            }

            await transaction.CommitAsync(ct);
            return TypedResults.NoContent();
        }

        private async Task<int> ReadAsync(IQueryable<InboxThread> thread, Guid id, CancellationToken ct)
        {
            var found = await thread.ExecuteUpdateAsync(row => row.SetProperty(one => one.Unread, 0), ct);
            await db.InboxMessages.Where(row => row.ThreadId == id && !row.IsRead).ExecuteUpdateAsync(row => row.SetProperty(one => one.IsRead, true), ct);
            return found;
        }

        private async Task<int> UnreadAsync(IQueryable<InboxThread> thread, Guid id, CancellationToken ct)
        {
            var found = await thread.ExecuteUpdateAsync(row => row.SetProperty(one => one.Unread, one => Math.Max(one.Unread, 1)), ct);
            // As if the latest had just come in.
            var latest = db.InboxMessages.Where(row => row.ThreadId == id).OrderByDescending(row => row.Received).ThenByDescending(row => row.Id)
                .Select(row => row.Id).Take(1);
            await db.InboxMessages.Where(row => row.ThreadId == id && latest.Contains(row.Id)
                    && !db.InboxMessages.Any(other => other.ThreadId == id && !other.IsRead))
                .ExecuteUpdateAsync(row => row.SetProperty(one => one.IsRead, false), ct);
            return found;
        }
    }
}
