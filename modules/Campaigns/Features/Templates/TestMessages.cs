using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MimeKit;
using MimeKit.Text;
using MimeKit.Utils;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>Makes a template's message for the sender's own eyes.</summary>
internal sealed class TestMessages(CampaignsDb db, ISender modules, IOptions<SendingOptions> options, TimeProvider clock)
{
    /// <summary>In place of a token: a link that unsubscribes nobody.</summary>
    public const string Token = "test";

    /// <summary>Whether the caller may have it sent there: to their own address or into a domain of the tenant, so that nobody else is mailed.</summary>
    /// <param name="to">Normalised.</param>
    public async Task<bool> MayGoToAsync(string to, CancellationToken ct) =>
        (await modules.Send(new GetOwnAddress(), ct) is { } own && EmailAddress.Normalise(own) == to)
        || await modules.Send(new IsVerifiedDomain(EmailAddress.DomainOf(to)), ct);

    /// <returns>Null where there is no such lead.</returns>
    /// <exception cref="TemplateFaultException">The template asks for too much.</exception>
    public async Task<MimeMessage?> ComposeAsync(Template template, MailboxDetails mailbox, string to, Guid? leadId, CancellationToken ct)
    {
        var link = $"{options.Value.PublicUrl.TrimEnd('/')}/u/{Token}";
        var lead = leadId is null ? null : await db.Leads.AsNoTracking().SingleOrDefaultAsync(row => row.Id == leadId, ct);
        if (leadId is not null && lead is null)
        {
            return null;
        }

        var fields = lead is null
            ? MergeFields.Sample(Previews.CustomOf(template)).With(SenderOf(mailbox, link))
            : MergeFields.Of(lead, mailbox.DisplayName, mailbox.Email, link);
        var text = MessageText.Render(
            template.Subject, template.Content, template.TextContent, fields, MessageText.SampleCompany, leadId ?? Guid.Empty, Guid.Empty);
        var message = new MimeMessage
        {
            MessageId = MimeUtils.GenerateMessageId(mailbox.Domain),
            Date = clock.GetUtcNow(),
            Subject = $"[Test] {text.Subject}",
            Body = new MultipartAlternative
            {
                new TextPart(TextFormat.Plain) { Text = text.Text },
                new TextPart(TextFormat.Html) { Text = text.Html },
            },
        };
        message.From.Add(new MailboxAddress(mailbox.DisplayName, mailbox.Email));
        message.To.Add(new MailboxAddress(null, to));
        return message;
    }

    private static Dictionary<string, string> SenderOf(MailboxDetails mailbox, string link) => new()
    {
        ["sender_name"] = mailbox.DisplayName ?? "",
        ["sender_email"] = mailbox.Email,
        ["unsubscribe_url"] = link,
    };
}
