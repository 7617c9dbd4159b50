using FluentValidation;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <param name="Username">Absent where the server asks for no log-in.</param>
internal sealed record SmtpRequest(string Host, int Port, string? Username, string? Password, MailSecurity Security = MailSecurity.Auto)
{
    public SmtpSettings Settings => new(Host, Port, string.IsNullOrEmpty(Username) ? null : Username, Security);

    public bool HasPassword => !string.IsNullOrEmpty(Password);
}

/// <param name="Username">SMTP's where absent, or else the address.</param>
/// <param name="Password">SMTP's where absent.</param>
internal sealed record ImapRequest(string Host, int Port, string? Username, string? Password, MailSecurity Security = MailSecurity.Auto)
{
    public bool HasPassword => !string.IsNullOrEmpty(Password);

    public ImapSettings SettingsFor(string? smtpUsername, string email) =>
        new(Host, Port, new[] { Username, smtpUsername, email }.First(name => !string.IsNullOrEmpty(name)), Security);
}

internal sealed class SmtpValidator : AbstractValidator<SmtpRequest>
{
    public SmtpValidator()
    {
        RuleFor(smtp => smtp.Host).AsHost();
        RuleFor(smtp => smtp.Port).InclusiveBetween(1, 65535);
        RuleFor(smtp => smtp.Username).MaximumLength(255);
        RuleFor(smtp => smtp.Username).NotEmpty().When(smtp => smtp.HasPassword);
        RuleFor(smtp => smtp.Password).MaximumLength(1000);
        // Also when the rest stays: a stored password must not go to a server that is named later.
        RuleFor(smtp => smtp.Password).NotEmpty().When(smtp => !string.IsNullOrEmpty(smtp.Username));
    }
}

internal sealed class ImapValidator : AbstractValidator<ImapRequest>
{
    /// <param name="sharesPassword">Whether SMTP's password stands in for one that is absent.</param>
    /// <param name="hasUsername">Whether a user name is known if it is absent.</param>
    public ImapValidator(bool sharesPassword, bool hasUsername = true)
    {
        RuleFor(imap => imap.Host).AsHost();
        RuleFor(imap => imap.Port).InclusiveBetween(1, 65535);
        RuleFor(imap => imap.Username).MaximumLength(255);
        RuleFor(imap => imap.Username).NotEmpty().When(_ => !hasUsername);
        RuleFor(imap => imap.Password).MaximumLength(1000);
        RuleFor(imap => imap.Password).NotEmpty().When(_ => !sharesPassword);
    }
}

internal static class MailboxRules
{
    public static void AsHost<T>(this IRuleBuilderInitial<T, string> rule) => rule.Cascade(CascadeMode.Stop).NotEmpty().MaximumLength(253)
        .Must(host => Uri.CheckHostName(host) != UriHostNameType.Unknown).WithMessage("'host' must be a host name or an address.");

    public static void AsDisplayName<T>(this IRuleBuilder<T, string?> rule) => rule.MaximumLength(100)
        .Must(name => name is null || !name.Any(char.IsControl)).WithMessage("'displayName' must not hold control characters.");

    public static void AsDailyLimit<T>(this IRuleBuilder<T, int?> rule) => rule.InclusiveBetween(1, 10_000);

    public static void AsMinGap<T>(this IRuleBuilder<T, int?> rule) => rule.InclusiveBetween(0, 86_400);
}
