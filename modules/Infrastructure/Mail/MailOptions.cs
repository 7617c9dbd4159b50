using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PenguinMails.Infrastructure.Mail;

/// <summary>Section <c>Mail</c>.</summary>
internal sealed record MailOptions : IValidatableObject
{
    /// <summary>The outgoing server of mailboxes that name none; absent: each must name one.</summary>
    public string? Host { get; init; }

    [Range(1, 65535)]
    public int Port { get; init; } = 25;

    /// <summary>Who the platform's own mail is from: links to verify an address, invitations, notices.</summary>
    [Required]
    public string From { get; init; } = "PenguinMails <no-reply@penguinmails.test>";

    /// <summary>For connection, TLS and log-in together.</summary>
    [Range(1, 300)]
    public int ConnectTimeoutSeconds { get; init; } = 15;

    /// <summary>For a message's commands up to its text.</summary>
    [Range(1, 300)]
    public int CommandTimeoutSeconds { get; init; } = 60;

    /// <summary>For its text and the reply to the final dot. 10 minutes (RFC 5321, 4.5.3.2.6): giving up earlier makes doubts.</summary>
    [Range(1, 3600)]
    public int FinalReplyTimeoutSeconds { get; init; } = 600;

    /// <summary>For that reply where the host stops meanwhile: what has none by then is in doubt. Less than <c>shutdownTimeoutSeconds</c>.</summary>
    [Range(1, 300)]
    public int LastReplyTimeoutSeconds { get; init; } = 5;

    [Range(1, 100)]
    public int ConnectionsPerMailbox { get; init; } = 4;

    /// <summary>Of all mailboxes of this host together, to one server: providers cut off whoever comes with more.</summary>
    [Range(1, 1000)]
    public int ConnectionsPerServer { get; init; } = 40;

    [Range(1, 10_000)]
    public int MessagesPerConnection { get; init; } = 100;

    /// <summary>How long a connection waits for its next message.</summary>
    [Range(1, 300)]
    public int IdleSeconds { get; init; } = 30;

    /// <summary>A PEM file with certificates of authorities that mail servers may have theirs from, besides those the machine trusts.</summary>
    public string? TrustedRoots { get; init; }

    public SmtpSettings? DefaultServer => Host is null ? null : new SmtpSettings(Host, Port, null, MailSecurity.None);

    public static X509Certificate2Collection Load(string? file)
    {
        var certificates = new X509Certificate2Collection();
        if (file is not null)
        {
            certificates.ImportFromPemFile(file);
        }

        return certificates;
    }

    public IEnumerable<ValidationResult> Validate(ValidationContext context)
    {
        var isReadable = TrustedRoots is null;
        try
        {
            isReadable |= Load(TrustedRoots).Count > 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            // It is said below.
        }

        if (!isReadable)
        {
            yield return new ValidationResult($"Mail:TrustedRoots: '{TrustedRoots}' is no file with certificates (PEM).", [nameof(TrustedRoots)]);
        }
    }
}
