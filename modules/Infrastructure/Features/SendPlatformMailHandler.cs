using MediatR;
using Microsoft.Extensions.Options;
using MimeKit;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Mail;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features;

internal sealed class SendPlatformMailHandler(SmtpConnector connector, IOptions<MailOptions> options, TimeProvider clock) : IRequestHandler<SendPlatformMail>
{
    public async Task Handle(SendPlatformMail request, CancellationToken ct)
    {
        var message = new MimeMessage(
            [MailboxAddress.Parse(options.Value.From)], [MailboxAddress.Parse(request.To)], request.Subject, new TextPart("plain") { Text = request.Text })
        {
            Date = clock.GetUtcNow(),
        };
        // RFC 3834: nobody's out-of-office answers it.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        var (connection, failure) = await connector.ConnectAsync(null, null, ct);
        if (connection is null)
        {
            throw new InvalidOperationException($"Platform mail was not sent: {failure!.Message}");
        }

        var outcome = await connection.SendAsync(message, ct);
        await connection.CloseAsync();
        // In doubt is as good as sent here: a second link would only end the first.
        if (outcome.Result is not (SendResult.Accepted or SendResult.InDoubt or SendResult.Rejected))
        {
            throw new InvalidOperationException($"Platform mail was not sent: {outcome.Reply}");
        }
    }
}
