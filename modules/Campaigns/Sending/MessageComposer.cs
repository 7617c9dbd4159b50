using MimeKit;
using MimeKit.Text;
using MimeKit.Utils;
using Microsoft.Extensions.Options;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Campaigns.Tracking;

namespace PenguinMails.Campaigns.Sending;

/// <summary>Makes the MIME message of a step: text and HTML, footer, thread and one-click unsubscribe (RFC 8058).</summary>
internal sealed class MessageComposer(UnsubscribeTokens tokens, LinkTracking tracking, IOptions<SendingOptions> options, TimeProvider clock)
{
    public MimeMessage Compose(Draft draft)
    {
        var unsubscribe = $"{options.Value.PublicUrl.TrimEnd('/')}/u/{tokens.Make(new(draft.Enrollment.TenantId, draft.Enrollment.Id))}";
        var sender = draft.Step.FromNameOverride ?? draft.Mailbox.DisplayName;
        var fields = MergeFields.Of(draft.Lead, sender, draft.Mailbox.Email, unsubscribe);
        var subject = draft.OwnSubject ?? draft.Template.Subject;
        var body = MessageText.Render(
            subject, draft.Template.Content, draft.Template.TextContent, fields, draft.Company, draft.Lead.Id, draft.Step.Id);

        var message = new MimeMessage
        {
            MessageId = draft.Queued?.MessageId ?? MimeUtils.GenerateMessageId(draft.Mailbox.Domain),
            Date = clock.GetUtcNow(),
            Subject = SubjectIn(draft.Enrollment.ThreadSubject, draft.OwnSubject is not null, body.Subject),
            Body = new EncodedBody(new MultipartAlternative
            {
                new TextPart(TextFormat.Plain) { Text = body.Text },
                new TextPart(TextFormat.Html) { Text = Track(draft, body.Html) },
            }),
        };
        message.From.Add(new MailboxAddress(sender, draft.Mailbox.Email));
        message.To.Add(new MailboxAddress(draft.Lead.Name, draft.Lead.Email));
        message.Headers.Add(HeaderId.ListUnsubscribe, $"<{unsubscribe}>");
        message.Headers.Add(HeaderId.ListUnsubscribePost, "List-Unsubscribe=One-Click");
        Thread(message, draft.Enrollment);
        return message;
    }

    private string Track(Draft draft, string html) => tracking.Apply(
        html, draft.Enrollment.TenantId, draft.MessageRowId, draft.Campaign.TrackOpens, draft.Campaign.TrackClicks,
        draft.Mailbox.TrackingHost is { } host ? $"https://{host}" : options.Value.PublicUrl);

    /// <summary>A follow-up without a subject of its own stays in the thread.</summary>
    /// <param name="first">The thread's subject; null: none has begun.</param>
    public static string SubjectIn(string? first, bool isOwn, string rendered) =>
        isOwn || first is null ? rendered
        : first.StartsWith("Re: ", StringComparison.OrdinalIgnoreCase) ? first
        : $"Re: {first}";

    private static void Thread(MimeMessage message, Enrollment enrollment)
    {
        if (enrollment.LastMessageId is null || message.Subject?.EndsWith(enrollment.ThreadSubject ?? "", StringComparison.Ordinal) != true)
        {
            return;
        }

        message.InReplyTo = enrollment.LastMessageId;
        message.References.AddRange(new[] { enrollment.ThreadMessageId, enrollment.LastMessageId }.OfType<string>().Distinct());
    }
}
