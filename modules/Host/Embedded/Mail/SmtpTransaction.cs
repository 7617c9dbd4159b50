namespace PenguinMails.Host.Embedded.Mail;

/// <summary>One message's sender and recipients, as MAIL and RCPT bring them.</summary>
internal sealed class SmtpTransaction(MailSinkOptions options)
{
    private readonly List<string> recipients = [];
    private SmtpPath? sender;

    public bool Open => sender is not null;

    /// <summary>Null until there is a sender and a recipient.</summary>
    public SmtpEnvelope? Envelope(string? user) => sender is null || recipients.Count == 0 ? null : new(sender.Address, recipients, user);

    public SmtpReply Mail(string argument)
    {
        if (Open)
        {
            return SmtpReply.OutOfOrder("Nested MAIL command");
        }

        if (SmtpPath.ParseSender(argument) is not { } path)
        {
            return SmtpReply.Syntax("MAIL FROM:<address>");
        }

        var refusal = path.RefuseSender(options.MaxMessageBytes) ?? options.OnSender?.Invoke(path.Address);
        sender = refusal is null ? path : null;
        return refusal ?? SmtpReply.SenderOk;
    }

    public SmtpReply Recipient(string argument)
    {
        if (sender is null)
        {
            return SmtpReply.OutOfOrder("MAIL first");
        }

        if (SmtpPath.ParseRecipient(argument) is not { } path)
        {
            return SmtpReply.Syntax("RCPT TO:<address>");
        }

        var refusal = recipients.Count >= options.MaxRecipients ? SmtpReply.TooManyRecipients : path.RefuseRecipient(sender.Utf8);
        refusal ??= options.OnRecipient?.Invoke(path.Address);
        if (refusal is null)
        {
            recipients.Add(path.Address);
        }

        return refusal ?? SmtpReply.RecipientOk;
    }
}
