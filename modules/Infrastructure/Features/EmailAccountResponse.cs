namespace PenguinMails.Infrastructure.Features;

/// <summary>A mailbox, without its password.</summary>
/// <param name="Smtp">Null: the platform's default outgoing server.</param>
internal sealed record EmailAccountResponse(
    Guid Id, Guid DomainId, string Email, string? DisplayName, string Provider, EmailAccountStatus Status, int DailyLimit, int MinGapSeconds,
    SmtpSettings? Smtp)
{
    public static EmailAccountResponse Of(EmailAccount account) => new(
        account.Id, account.DomainId, account.Email, account.DisplayName, account.Provider, account.Status, account.DailyLimit,
        account.MinGapSeconds, account.SmtpSettings);
}
