namespace PenguinMails.Infrastructure;

/// <summary><c>Auto</c>: TLS on ports 465 and 993, elsewhere STARTTLS where it is offered.</summary>
internal enum MailSecurity
{
    None,
    // One word, as the API and the table spell it.
    Starttls,
    Tls,
    Auto,
}

/// <summary>How a server of a mailbox is reached, without the password.</summary>
/// <param name="Username">Null: no log-in.</param>
internal abstract record ServerSettings(string Host, int Port, string? Username, MailSecurity Security);

/// <summary>A mailbox's outgoing server.</summary>
internal sealed record SmtpSettings(string Host, int Port, string? Username, MailSecurity Security)
    : ServerSettings(Host, Port, Username, Security);

/// <summary>A mailbox's incoming server, where replies are read.</summary>
internal sealed record ImapSettings(string Host, int Port, string? Username, MailSecurity Security)
    : ServerSettings(Host, Port, Username, Security);
