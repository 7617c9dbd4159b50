using System.Net;
using System.Text;
using MimeKit;
using MimeKit.Text;
using MimeKit.Utils;
using Microsoft.Extensions.Options;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Sending;

/// <summary>All that a message is made of.</summary>
/// <param name="Queued">The same message, when it was deferred or is to be resent; it keeps its Message-ID.</param>
internal sealed record Draft(
    Enrollment Enrollment, Lead Lead, SequenceStep Step, Template Template, CompanyDetails Company, MailboxDetails Mailbox,
    int MinGapSeconds, EmailMessage? Queued)
{
    /// <summary>The platform's address that it leaves from; null: the mailbox's own server.</summary>
    public Guid? SmtpIpAddressId { get; init; }

    public string RecipientDomain => Lead.Email.Split('@')[^1];
}

/// <summary>Makes the MIME message of a step: text and HTML, footer, thread and one-click unsubscribe (RFC 8058).</summary>
internal sealed class MessageComposer(UnsubscribeTokens tokens, IOptions<SendingOptions> options, TimeProvider clock)
{
    public async Task<MimeMessage> ComposeAsync(Draft draft)
    {
        var unsubscribe = $"{options.Value.PublicUrl.TrimEnd('/')}/u/{tokens.Make(new(draft.Enrollment.TenantId, draft.Enrollment.Id))}";
        var sender = draft.Step.FromNameOverride ?? draft.Mailbox.DisplayName;
        var fields = MergeFields.Of(draft.Lead, sender, draft.Mailbox.Email, unsubscribe);
        var html = await LiquidTemplates.RenderHtmlAsync(draft.Template.Content, fields) + Footer(draft.Company, unsubscribe);

        var message = new MimeMessage
        {
            MessageId = draft.Queued?.MessageId ?? MimeUtils.GenerateMessageId(draft.Mailbox.Domain),
            Date = clock.GetUtcNow(),
            Subject = await SubjectAsync(draft, fields),
            Body = new MultipartAlternative
            {
                new TextPart(TextFormat.Plain) { Text = PlainText(html) },
                new TextPart(TextFormat.Html) { Text = html },
            },
        };
        message.From.Add(new MailboxAddress(sender, draft.Mailbox.Email));
        message.To.Add(new MailboxAddress(draft.Lead.Name, draft.Lead.Email));
        message.Headers.Add(HeaderId.ListUnsubscribe, $"<{unsubscribe}>");
        message.Headers.Add(HeaderId.ListUnsubscribePost, "List-Unsubscribe=One-Click");
        Thread(message, draft.Enrollment);
        return message;
    }

    // A follow-up without a subject of its own stays in the thread.
    private static async Task<string> SubjectAsync(Draft draft, MergeFields fields)
    {
        if (draft.Step.SubjectOverride is null && draft.Enrollment.ThreadSubject is { } first)
        {
            return first.StartsWith("Re: ", StringComparison.OrdinalIgnoreCase) ? first : $"Re: {first}";
        }

        return await LiquidTemplates.RenderTextAsync(draft.Step.SubjectOverride ?? draft.Template.Subject, fields);
    }

    private static void Thread(MimeMessage message, Enrollment enrollment)
    {
        if (enrollment.LastMessageId is null || message.Subject?.EndsWith(enrollment.ThreadSubject ?? "", StringComparison.Ordinal) != true)
        {
            return;
        }

        message.InReplyTo = enrollment.LastMessageId;
        message.References.AddRange(new[] { enrollment.ThreadMessageId, enrollment.LastMessageId }.OfType<string>().Distinct());
    }

    private static string Footer(CompanyDetails company, string unsubscribe) => $"""

        <p style="color:#777;font-size:12px">{WebUtility.HtmlEncode(company.Name)}, {WebUtility.HtmlEncode(company.PostalAddress)}<br>
        <a href="{unsubscribe}">Unsubscribe</a></p>
        """;

    // Blocks end lines, links show where they lead.
    private static string PlainText(string html)
    {
        var text = new StringBuilder();
        string? link = null;
        var tokenizer = new HtmlTokenizer(new StringReader(html));
        while (tokenizer.ReadNextToken(out var token))
        {
            switch (token)
            {
                case HtmlTagToken { Id: HtmlTagId.A, IsEndTag: false } tag:
                    link = tag.Attributes.FirstOrDefault(attribute => attribute.Id == HtmlAttributeId.Href)?.Value;
                    break;
                case HtmlTagToken { Id: HtmlTagId.A, IsEndTag: true }:
                    text.Append(link is null ? "" : $" ({link})");
                    link = null;
                    break;
                case HtmlTagToken { Id: HtmlTagId.Br or HtmlTagId.LI } or HtmlTagToken { Id: HtmlTagId.P or HtmlTagId.Div, IsEndTag: true }:
                    text.Append('\n');
                    break;
                case HtmlDataToken { Data: var data } and not HtmlScriptDataToken:
                    text.Append(string.Join(' ', WebUtility.HtmlDecode(data).Split('\n', '\r')));
                    break;
            }
        }

        return text.ToString().Trim() + "\n";
    }
}
