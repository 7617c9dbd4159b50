namespace PenguinMails.Host.Embedded.Mail;

/// <summary>One client's conversation (RFC 5321).</summary>
internal sealed class SmtpSession(SmtpWire wire, MailSinkOptions options, ILogger log)
{
    private bool greeted;
    private string? user;
    private SmtpTransaction transaction = new(options);

    public async Task RunAsync(CancellationToken ct)
    {
        var reply = options.OnConnect?.Invoke() ?? new SmtpReply(220, $"{options.HostName} ESMTP PenguinMails mail sink");
        wire.Write(reply);
        while (!reply.Closes && await wire.ReadLineAsync(ct) is { } line)
        {
            reply = await AnswerAsync(line, ct);
            wire.Write(reply);
        }

        await wire.FlushAsync(ct);
    }

    private async ValueTask<SmtpReply> AnswerAsync(string line, CancellationToken ct)
    {
        if (line.Any(char.IsControl))
        {
            return new SmtpReply(500, "5.5.2 Control characters in a command");
        }

        var space = line.IndexOf(' ');
        var (verb, argument) = space < 0 ? (line, "") : (line[..space], line[(space + 1)..].Trim());
        return verb.ToUpperInvariant() switch
        {
            "EHLO" => Hello(argument, extended: true),
            "HELO" => Hello(argument, extended: false),
            "NOOP" => SmtpReply.Ok,
            "VRFY" => argument == "" ? SmtpReply.Syntax("VRFY <mailbox>") : SmtpReply.CannotVerify,
            "RSET" or "DATA" or "QUIT" when argument != "" => SmtpReply.Syntax("no argument allowed"),
            "RSET" => Reset(),
            "QUIT" => SmtpReply.Bye,
            "AUTH" or "MAIL" or "RCPT" or "DATA" when !greeted => SmtpReply.OutOfOrder("Say EHLO first"),
            "AUTH" => await AuthAsync(argument, ct),
            "MAIL" or "RCPT" or "DATA" when options.Login is not null && user is null => new SmtpReply(530, "5.7.0 Authentication required"),
            "MAIL" => transaction.Mail(argument),
            "RCPT" => transaction.Recipient(argument),
            "DATA" => await DataAsync(ct),
            "STARTTLS" or "EXPN" or "HELP" or "BDAT" => SmtpReply.NotImplemented,
            _ => SmtpReply.UnknownCommand,
        };
    }

    private SmtpReply Hello(string domain, bool extended)
    {
        if (domain == "")
        {
            return SmtpReply.Syntax(extended ? "EHLO <domain>" : "HELO <domain>");
        }

        greeted = true;
        Reset();
        string[] offers = ["PIPELINING", $"SIZE {options.MaxMessageBytes}", "AUTH PLAIN LOGIN", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"];
        return new SmtpReply(250, extended ? string.Join('\n', [options.HostName, .. offers]) : options.HostName);
    }

    private SmtpReply Reset()
    {
        transaction = new SmtpTransaction(options);
        return SmtpReply.Ok;
    }

    private async ValueTask<SmtpReply> AuthAsync(string argument, CancellationToken ct)
    {
        if (user is not null || transaction.Open)
        {
            return SmtpReply.OutOfOrder(user is not null ? "Already authenticated" : "A mail transaction is open");
        }

        (var reply, user) = await new SmtpAuth(wire, options.Login).RunAsync(argument, ct);
        return reply;
    }

    private async ValueTask<SmtpReply> DataAsync(CancellationToken ct)
    {
        if (transaction.Envelope(user) is not { } envelope)
        {
            return SmtpReply.OutOfOrder(transaction.Open ? "RCPT first" : "MAIL first");
        }

        var start = options.OnData?.Invoke(envelope) ?? SmtpReply.StartData;
        if (start.Code != 354)
        {
            return start;
        }

        wire.Write(start);
        await wire.FlushAsync(ct);
        if (start.Closes)
        {
            await wire.AwaitInputAsync(ct);
            return SmtpReply.Drop;
        }

        Reset();
        var body = new SmtpBody(options.MaxMessageBytes);
        return await wire.ReadBodyAsync(body, ct) ? await HandAsync(envelope, body, ct) : SmtpReply.Drop;
    }

    private async ValueTask<SmtpReply> HandAsync(SmtpEnvelope envelope, SmtpBody body, CancellationToken ct)
    {
        try
        {
            return body.TooBig ? SmtpReply.TooBig : await options.OnMessage(envelope, body.Bytes, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            log.LogError(e, "The mail sink could not keep a message.");
            return SmtpReply.LocalError;
        }
    }
}
