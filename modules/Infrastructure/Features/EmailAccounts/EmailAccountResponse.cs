using PenguinMails.Shared.Database;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>A mailbox, without its passwords.</summary>
/// <param name="StatusReason">Why it is not active; null when it is.</param>
/// <param name="SentToday">Of the day in UTC.</param>
/// <param name="Cap">What it may send today: the daily limit, or less while it warms up.</param>
/// <param name="Health">0 to 100, of the last seven days; null while fewer than 20 messages were sent.</param>
/// <param name="Condition">Health in a word: good, fair, poor, critical or insufficient_data.</param>
/// <param name="Smtp">Null: the platform's default outgoing server.</param>
/// <param name="Imap">Null: replies are not read.</param>
/// <param name="LastRead">When its inbox was last read without trouble; null: not yet, or among several mailboxes, where it is not said.</param>
/// <param name="ReadError">Why its inbox could not be read the last time; null where it could, or among several mailboxes.</param>
internal sealed record EmailAccountResponse(
    Guid Id, Guid DomainId, string Email, string? DisplayName, string Provider, EmailAccountStatus Status, string? StatusReason,
    int DailyLimit, int MinGapSeconds, int SentToday, int Cap, decimal? Health, string Condition, WarmupStatus Warmup, SmtpSettings? Smtp,
    ImapSettings? Imap, DateTimeOffset Created, DateTimeOffset? LastRead = null, string? ReadError = null)
{
    public static EmailAccountResponse Of(EmailAccount account, DateTimeOffset now) => new(
        account.Id, account.DomainId, account.Email, account.DisplayName, account.Provider, account.Status, account.PauseReason,
        account.DailyLimit, account.MinGapSeconds, account.SentOn(DateOnly.FromDateTime(now.UtcDateTime)), account.CapAt(now),
        account.KnownHealth, ConditionOf(account.KnownHealth), account.WarmupStatus, account.SmtpSettings, account.ImapSettings, account.Created);

    public static string ConditionOf(decimal? health) =>
        health is { } known ? SnakeCase.Of(DeliveryCounts.Word(known)) : "insufficient_data";
}
