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
    internal sealed record Request(Guid Id);

    internal abstract class Base(CampaignsDb db, string action) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        protected CampaignsDb Db => db;

        public override void Configure()
        {
            Post($"/inbox/threads/{{id}}/{action}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            // The thread first: what comes in meanwhile waits, and counts after it.
            if (await MarkAsync(db.Threads.Where(row => row.Id == request.Id), request.Id, ct) == 0)
            {
                return Problems.NotFound("Thread");
            }

            await transaction.CommitAsync(ct);
            return TypedResults.NoContent();
        }

        protected abstract Task<int> MarkAsync(IQueryable<InboxThread> thread, Guid id, CancellationToken ct);
    }

    internal sealed class ReadEndpoint(CampaignsDb db) : Base(db, "read")
    {
        protected override async Task<int> MarkAsync(IQueryable<InboxThread> thread, Guid id, CancellationToken ct)
        {
            var found = await thread.ExecuteUpdateAsync(row => row.SetProperty(one => one.Unread, 0), ct);
            await Db.InboxMessages.Where(row => row.ThreadId == id && !row.IsRead).ExecuteUpdateAsync(row => row.SetProperty(one => one.IsRead, true), ct);
            return found;
        }
    }

    internal sealed class UnreadEndpoint(CampaignsDb db) : Base(db, "unread")
    {
        protected override async Task<int> MarkAsync(IQueryable<InboxThread> thread, Guid id, CancellationToken ct)
        {
            var found = await thread.ExecuteUpdateAsync(row => row.SetProperty(one => one.Unread, one => Math.Max(one.Unread, 1)), ct);
            // As if the latest had just come in.
            var latest = Db.InboxMessages.Where(row => row.ThreadId == id).OrderByDescending(row => row.Received).ThenByDescending(row => row.Id)
                .Select(row => row.Id).Take(1);
            await Db.InboxMessages.Where(row => row.ThreadId == id && latest.Contains(row.Id)
                    && !Db.InboxMessages.Any(other => other.ThreadId == id && !other.IsRead))
                .ExecuteUpdateAsync(row => row.SetProperty(one => one.IsRead, false), ct);
            return found;
        }
    }

    internal sealed class ArchiveEndpoint(CampaignsDb db) : Base(db, "archive")
    {
        protected override Task<int> MarkAsync(IQueryable<InboxThread> thread, Guid id, CancellationToken ct) =>
            thread.ExecuteUpdateAsync(row => row.SetProperty(one => one.IsArchived, true), ct);
    }

    internal sealed class UnarchiveEndpoint(CampaignsDb db) : Base(db, "unarchive")
    {
        protected override Task<int> MarkAsync(IQueryable<InboxThread> thread, Guid id, CancellationToken ct) =>
            thread.ExecuteUpdateAsync(row => row.SetProperty(one => one.IsArchived, false), ct);
    }
}
