using PenguinMails.Infrastructure.Warmup;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>
/// A mailbox's warmup: its own mail is held to a number a day that grows week by week. It does not write to other mailboxes of the platform
/// to look busy.
/// </summary>
/// <param name="Day">1 on the first; null while none runs.</param>
/// <param name="Cap">Sends of today.</param>
/// <param name="Health">0 to 100; null while fewer than 20 messages were sent in seven days.</param>
/// <param name="Plan">From today on, for 28 days, if health stays as it is; where no warmup has begun: as if one began now.</param>
/// <param name="Log">The last 28 days, as far as anything was planned or sent.</param>
internal sealed record WarmupResponse(
    WarmupStatus Status, DateTimeOffset? Started, int? Day, int Cap, decimal? Health, string Condition, DateTimeOffset? LastWarmed,
    IReadOnlyList<WarmupResponse.PlannedDay> Plan, IReadOnlyList<WarmupResponse.LoggedDay> Log)
{
    internal sealed record PlannedDay(DateOnly Date, int Planned);

    internal sealed record LoggedDay(
        DateOnly Date, int Planned, int Sent, int Bounced, int Complained, int Opened, int Clicked, int Replied, decimal? Health);

    public static WarmupResponse Of(EmailAccount account, IEnumerable<WarmupDay> days, DateTimeOffset now) => new(
        account.WarmupStatus, account.RampStarted, account.WarmupDayAt(now), account.CapAt(now), account.KnownHealth,
        EmailAccountResponse.ConditionOf(account.KnownHealth), account.LastWarmed,
        [.. Enumerable.Range(0, EmailAccount.WarmupDays).Select(ahead => new PlannedDay(
            DateOnly.FromDateTime(now.UtcDateTime).AddDays(ahead), account.PlannedAt(now.AddDays(ahead), now)))],
        [.. days.Select(day => new LoggedDay(
            day.Day, day.Planned, day.Sent, day.Bounced, day.Complained, day.Opened, day.Clicked, day.Replied, day.Health))]);
}
