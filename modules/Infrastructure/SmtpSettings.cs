namespace PenguinMails.Infrastructure;

/// <summary><c>Auto</c>: TLS on port 465, elsewhere STARTTLS where it is offered.</summary>
internal enum SmtpSecurity
{
    None,
    // One word, as the API and the table spell it.
    Starttls,
    Tls,
    Auto,
}

/// <summary>How a mailbox's outgoing server is reached, without the password.</summary>
/// <param name="Username">Null: no log-in.</param>
internal sealed record SmtpSettings(string Host, int Port, string? Username, SmtpSecurity Security);
