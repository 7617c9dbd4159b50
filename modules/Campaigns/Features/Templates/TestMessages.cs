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

/// <summary>What a test message is made of.</summary>
/// <param name="Subject">Null: the template's.</param>
/// <param name="FromName">Null: the mailbox's.</param>
/// <param name="StepId">The alternatives are those of this step; zeros for none.</param>
internal sealed record TestText(Template Template, string? Subject = null, string? FromName = null, Guid StepId = default);

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
    public async Task<MimeMessage?> ComposeAsync(TestText test, MailboxDetails mailbox, string to, Guid? leadId, CancellationToken ct)
    {
        var link = $"{options.Value.PublicUrl.TrimEnd('/')}/u/{Token}";
        var lead = leadId is null ? null : await db.Leads.AsNoTracking().SingleOrDefaultAsync(row => row.Id == leadId, ct);
        if (leadId is not null && lead is null)
        {
            return null;
        }

        var (template, sender) = (test.Template, test.FromName ?? mailbox.DisplayName);
        var fields = lead is null
            ? MergeFields.Sample(Previews.CustomOf(template)).With(SenderOf(sender, mailbox.Email, link))
            : MergeFields.Of(lead, sender, mailbox.Email, link);
        var text = MessageText.Render(
            test.Subject ?? template.Subject, template.Content, template.TextContent, fields, MessageText.SampleCompany, leadId ?? Guid.Empty, test.StepId);
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
        message.From.Add(new MailboxAddress(sender, mailbox.Email));
        message.To.Add(new MailboxAddress(null, to));
        return message;
    }

    private static Dictionary<string, string> SenderOf(string? name, string email, string link) => new()
    {
        ["sender_name"] = name ?? "",
        ["sender_email"] = email,
        ["unsubscribe_url"] = link,
    };
}
