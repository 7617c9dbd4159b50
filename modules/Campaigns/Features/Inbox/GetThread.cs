using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Inbox;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Inbox;

/// <summary>GET /inbox/threads/{id}: what was said in it, in order; of each side the latest 500.</summary>
internal static class GetThread
{
    private const int Most = 500;

    internal sealed record Request(Guid Id);

    /// <param name="Status">Of what was sent; null for what came in.</param>
    /// <param name="Kind">Of what came in, or campaign or reply of what was sent.</param>
    /// <param name="Text">Without what is quoted; null once it is no longer kept.</param>
    internal sealed record Item(
        Guid Id, string Direction, string Kind, string From, string? To, string? Subject, string? Text, MessageStatus? Status,
        string? Error, bool IsRead, DateTimeOffset At);

    internal sealed record Response(ThreadItem Thread, IReadOnlyList<Item> Messages);

    internal sealed class Endpoint(CampaignsDb db, ThreadMessages messages, ReplySender replies)
        : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/inbox/threads/{id}");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Threads.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } thread)
            {
                return Problems.NotFound("Thread");
            }

            await replies.DoubtAsync(thread.Id, ct);
            var item = await db.Threads.Where(row => row.Id == thread.Id).Select(ThreadItem.Of(db)).SingleAsync(ct);
            var all = (await ReceivedAsync(thread, ct)).Concat(await SentAsync(thread, ct)).OrderBy(one => one.At).ThenBy(one => one.Id);
            return TypedResults.Ok(new Response(item, [.. all]));
        }

        private async Task<List<Item>> ReceivedAsync(InboxThread thread, CancellationToken ct)
        {
            var rows = await db.InboxMessages.Where(row => row.ThreadId == thread.Id).OrderByDescending(row => row.Received).Take(Most)
                .Select(row => new { row.Id, row.Kind, row.FromAddress, row.ToAddress, row.Subject, row.Text, row.IsRead, row.Received }).ToListAsync(ct);
            return [.. rows.Select(row => new Item(
                row.Id, "in", SnakeCase.Of(row.Kind), row.FromAddress, row.ToAddress, row.Subject, row.Text, null, null, row.IsRead, row.Received))];
        }

        private async Task<List<Item>> SentAsync(InboxThread thread, CancellationToken ct)
        {
            var rows = await messages.SentIn(thread).AsNoTracking().OrderByDescending(row => row.Created).Take(Most).ToListAsync(ct);
            var ids = rows.Select(row => row.Id).ToArray();
            var contents = await db.Contents.AsNoTracking().Where(row => ids.Contains(row.MessageId)).ToDictionaryAsync(row => row.MessageId, ct);
            return [.. rows.Select(row => new Item(
                row.Id, "out", SnakeCase.Of(row.Kind), row.FromAddress, row.ToAddress, row.Subject,
                contents.TryGetValue(row.Id, out var content) ? ThreadMessages.Parse(EmailContent.Unpack(content.Body, content.Size), ct).TextBody : null,
                row.Status, row.Error, true, row.Sent ?? row.Created))];
        }
    }
}
