namespace PenguinMails.Host.Embedded.Mail;

/// <summary>The user and password that AUTH has to bring.</summary>
internal sealed record SmtpLogin(string User, string Password);

/// <summary>Sender and recipients as MAIL and RCPT named them, without angle brackets; From is empty for a bounce.</summary>
internal sealed record SmtpEnvelope(string From, IReadOnlyList<string> To, string? User);

/// <summary>An answer. A newline in the text makes it a multi-line one; code 0 is no answer at all.</summary>
internal sealed record SmtpReply(int Code, string Text, bool Closes = false)
{
    /// <summary>Hang up now, without an answer.</summary>
    public static readonly SmtpReply Drop = new(0, "", Closes: true);

    /// <summary>Only for OnData: invite the message, then hang up on its first bytes.</summary>
    public static readonly SmtpReply DropInBody = new(354, "End data with <CR><LF>.<CR><LF>", Closes: true);

    public static readonly SmtpReply StartData = new(354, "End data with <CR><LF>.<CR><LF>");
    public static readonly SmtpReply Ok = new(250, "2.0.0 Ok");
    public static readonly SmtpReply Bye = new(221, "2.0.0 Bye", Closes: true);
    public static readonly SmtpReply SenderOk = new(250, "2.1.0 Ok");
    public static readonly SmtpReply RecipientOk = new(250, "2.1.5 Ok");
    public static readonly SmtpReply CannotVerify = new(252, "2.1.5 Cannot verify, but will take the message");
    public static readonly SmtpReply LocalError = new(451, "4.3.0 Local error in processing");
    public static readonly SmtpReply TooManyRecipients = new(452, "4.5.3 Too many recipients");
    public static readonly SmtpReply UnknownCommand = new(500, "5.5.1 Command not recognized");
    public static readonly SmtpReply LineTooLong = new(500, "5.5.2 Line too long", Closes: true);
    public static readonly SmtpReply NotImplemented = new(502, "5.5.1 Command not implemented");
    public static readonly SmtpReply TooBig = new(552, "5.3.4 Message size exceeds the maximum");
    public static readonly SmtpReply NeedsUtf8 = new(553, "5.6.7 A non-ASCII address needs SMTPUTF8");
    public static readonly SmtpReply UnknownParameter = new(555, "5.5.4 Parameter not recognized");

    public static SmtpReply Syntax(string usage) => new(501, $"5.5.4 Syntax: {usage}");
    public static SmtpReply OutOfOrder(string why) => new(503, $"5.5.1 {why}");
}
