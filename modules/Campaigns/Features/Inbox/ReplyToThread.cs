using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using MimeKit;
using MimeKit.Text;
using MimeKit.Utils;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Inbox;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Inbox;

/// <summary>POST /inbox/threads/{id}/reply: answers in the thread, from the mailbox that was written to, and says what the server said.</summary>
internal static class ReplyToThread
{
    /// <param name="Html">Beside the text, for who can show it.</param>
    internal sealed record Request(
        Guid Id, [property: DontBind(Source.QueryParam)] string Text, [property: DontBind(Source.QueryParam)] string? Html)
    {
        /// <summary>Of the client's choice: what is asked for again under the same one is not sent again.</summary>
        [FromHeader("Idempotency-Key", IsRequired = false)]
        public string? IdempotencyKey { get; init; }
    }

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Text).NotEmpty().MaximumLength(50_000);
            RuleFor(request => request.Html).MaximumLength(200_000);
            RuleFor(request => request.IdempotencyKey).MaximumLength(255);
        }
    }

    internal sealed class Endpoint(CampaignsDb db, ISender modules, ReplySender sender, ThreadMessages messages, TimeProvider clock)
        : Endpoint<Request, Results<Ok<SettledReply>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/inbox/threads/{id}/reply");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<SettledReply>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Threads.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } thread)
            {
                return Problems.NotFound("Thread");
            }

            if (request.IdempotencyKey is { } known && known == thread.ReplyKey && await EarlierAsync(thread, ct) is { } earlier)
            {
                return earlier.Status == MessageStatus.Sending ? Problems.Conflict("It is being sent.") : SettledReply.Of(earlier);
            }

            var mailbox = thread.EmailAccountId is { } account ? (await modules.Send(new GetMailboxes([account]), ct)).SingleOrDefault() : null;
            if (await sender.RefusalAsync(thread, mailbox, ct) is { } refusal)
            {
                return refusal;
            }

            if (await sender.TurnAsync(mailbox!.Id, thread.Participant, ct) is var turn && !turn.Granted)
            {
                return Problems.Unprocessable("emailAccountId", turn.Reason!);
            }

            var mime = Compose(request, thread, mailbox);
            await PutIntoThreadAsync(mime, thread, ct);
            var message = Add(mime, thread, ct);
            if (request.IdempotencyKey is { } key)
            {
                thread.Answer(key, message.Id);
            }

            return SettledReply.Of(message, await sender.SendAsync(message, mime, mailbox, turn, ct));
        }

        // Null where nothing was sent: it may be tried again.
        private async Task<EmailMessage?> EarlierAsync(InboxThread thread, CancellationToken ct)
        {
            await sender.DoubtAsync(thread.Id, ct);
            return await db.Messages.AsNoTracking().SingleOrDefaultAsync(row => row.Id == thread.ReplyMessageId && row.Status != MessageStatus.Failed, ct);
        }

        private MimeMessage Compose(Request request, InboxThread thread, MailboxDetails mailbox)
        {
            MimeEntity text = new TextPart(TextFormat.Plain) { Text = request.Text };
            var subject = thread.Subject ?? "";
            var mime = new MimeMessage
            {
                MessageId = MimeUtils.GenerateMessageId(mailbox.Domain),
                Date = clock.GetUtcNow(),
                Subject = subject.StartsWith("Re:", StringComparison.OrdinalIgnoreCase) ? subject : $"Re: {subject}".TrimEnd(),
                Body = request.Html is null ? text : new MultipartAlternative { text, new TextPart(TextFormat.Html) { Text = request.Html } },
            };
            mime.From.Add(new MailboxAddress(mailbox.DisplayName, mailbox.Email));
            mime.To.Add(new MailboxAddress(null, thread.Participant));
            return mime;
        }

        // After the latest that came in (RFC 5322, 3.6.4), else after what was sent last.
        private async Task PutIntoThreadAsync(MimeMessage mime, InboxThread thread, CancellationToken ct)
        {
            var received = await db.InboxMessages.AsNoTracking().Where(row => row.ThreadId == thread.Id)
                .OrderByDescending(row => row.Received).ThenByDescending(row => row.Id).FirstOrDefaultAsync(ct);
            if (received is not null)
            {
                using var parsed = ThreadMessages.Parse(EmailContent.Unpack(received.Body, received.Size), ct);
                mime.References.AddRange(parsed.References);
            }

            var last = received?.MessageId ?? await messages.SentIn(thread).Where(row => row.Status == MessageStatus.Sent)
                .OrderByDescending(row => row.Created).Select(row => row.MessageId).FirstOrDefaultAsync(ct);
            if (last is not null)
            {
                mime.InReplyTo = last;
                mime.References.Add(last);
            }
        }

        private EmailMessage Add(MimeMessage mime, InboxThread thread, CancellationToken ct)
        {
            var now = clock.GetUtcNow();
            var message = EmailMessage.ReplyIn(thread, mime.MessageId!, now);
            using var raw = new MemoryStream();
            mime.WriteTo(raw, ct);
            var body = raw.ToArray();
            db.Messages.Add(message);
            db.Contents.Add(new EmailContent
            {
                MessageId = message.Id, TenantId = thread.TenantId, Created = now, Body = EmailContent.Pack(body), Size = body.Length,
            });
            thread.LastMessage = now;
            return message;
        }
    }
}
