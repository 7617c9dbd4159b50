using FastEndpoints;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Inbox;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Inbox;

/// <summary>POST /inbox/messages/{id}/resend or /skip: a person settles an answer that is in doubt.</summary>
internal static class SettleReply
{
    internal sealed record Request(Guid Id, string Action);

    internal sealed class Endpoint(CampaignsDb db, ISender modules, ReplySender sender, TimeProvider clock)
        : Endpoint<Request, Results<Ok<SettledReply>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/inbox/messages/{id}/{action:regex(^(resend|skip)$)}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<SettledReply>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var found = await db.Messages.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.Id && row.Kind == MessageKind.Reply, ct);
            if (found?.ThreadId is not { } threadId || await db.Threads.SingleOrDefaultAsync(row => row.Id == threadId, ct) is not { } thread)
            {
                return Problems.NotFound("Message");
            }

            await sender.DoubtAsync(threadId, ct);
            var message = await db.Messages.SingleAsync(row => row.Id == found.Id && row.Created == found.Created, ct);
            if (message.Status != MessageStatus.InDoubt)
            {
                return Problems.Conflict("Only a message in doubt can be settled.");
            }

            return request.Action == "resend" ? await ResendAsync(message, thread, ct) : await SkipAsync(message, ct);
        }

        private async Task<Results<Ok<SettledReply>, ProblemHttpResult>> SkipAsync(EmailMessage message, CancellationToken ct)
        {
            message.Settle(MessageStatus.Skipped, "Skipped on request.", clock.GetUtcNow());
            await db.SaveChangesAsync(ct);
            return TypedResults.Ok(new SettledReply(message.Id, message.Status, null));
        }

        // The same Message-ID: a receiver that has it already can tell.
        private async Task<Results<Ok<SettledReply>, ProblemHttpResult>> ResendAsync(EmailMessage message, InboxThread thread, CancellationToken ct)
        {
            var mailbox = thread.EmailAccountId is { } account ? (await modules.Send(new GetMailboxes([account]), ct)).SingleOrDefault() : null;
            if (await sender.RefusalAsync(thread, mailbox, ct) is { } refusal)
            {
                return refusal;
            }

            if (await db.Contents.AsNoTracking().SingleOrDefaultAsync(row => row.MessageId == message.Id && row.Created == message.Created, ct) is not { } content)
            {
                return Problems.Conflict("What it said is no longer kept.");
            }

            if (await sender.TurnAsync(mailbox!.Id, thread.Participant, ct) is var turn && !turn.Granted)
            {
                return Problems.Unprocessable("emailAccountId", turn.Reason!);
            }

            var mime = ThreadMessages.Parse(EmailContent.Unpack(content.Body, content.Size), ct);
            return SettledReply.Of(message, await sender.SendAsync(message, mime, mailbox, turn, ct));
        }
    }
}
