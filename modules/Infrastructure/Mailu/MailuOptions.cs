using System.ComponentModel.DataAnnotations;

namespace PenguinMails.Infrastructure.Mailu;

/// <summary>Section <c>Mailu</c>: the platform's own mail server. A class, since a record would print the token.</summary>
internal sealed class MailuOptions : IValidatableObject
{
    /// <summary>Of the administration, as <c>https://mail.example.com/api/v1</c>; absent: there is no such server.</summary>
    public Uri? ApiUrl { get; init; }

    /// <summary>Mailu's API_TOKEN.</summary>
    public string? Token { get; init; }

    /// <summary>Where mailboxes send and read; a host inside a network must be in Outbound:AllowedNetworks.</summary>
    public string? Host { get; init; }

    [Range(1, 65535)]
    public int SmtpPort { get; init; } = 465;

    [Range(1, 65535)]
    public int ImapPort { get; init; } = 993;

    /// <summary>Of both ports.</summary>
    public MailSecurity Security { get; init; } = MailSecurity.Auto;

    /// <summary>
    /// Has Mailu make a DKIM key for each domain it gets, for people who write from their own mail program. What the platform sends it
    /// signs itself; where nobody publishes Mailu's key, a signature with it only fails.
    /// </summary>
    public bool GenerateDkim { get; init; }

    /// <summary>For one request.</summary>
    [Range(1, 60)]
    public int TimeoutSeconds { get; init; } = 10;

    /// <summary>Before the first repetition; each next waits twice as long.</summary>
    [Range(1, 10_000)]
    public int RetryMilliseconds { get; init; } = 500;

    public bool IsConfigured => ApiUrl is not null;

    public IEnumerable<ValidationResult> Validate(ValidationContext context)
    {
        if (ApiUrl is not null && (!ApiUrl.IsAbsoluteUri || ApiUrl.Scheme is not ("https" or "http")))
        {
            yield return new ValidationResult("Mailu:ApiUrl must be an address such as https://mail.example.com/api/v1.", [nameof(ApiUrl)]);
        }

        if (ApiUrl is not null && (string.IsNullOrWhiteSpace(Token) || string.IsNullOrWhiteSpace(Host)))
        {
            yield return new ValidationResult("Mailu:ApiUrl needs Mailu:Token and Mailu:Host beside it.", [nameof(Token), nameof(Host)]);
        }
    }
}
