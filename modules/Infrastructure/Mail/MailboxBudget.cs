using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Data;

namespace PenguinMails.Infrastructure.Mail;

/// <summary>What limits a mailbox's sends of today, UTC.</summary>
/// <param name="Used">Sends of today.</param>
internal sealed record MailboxBudget(
    Guid Id, Guid TenantId, Guid DomainId, string Provider, string Status, int DailyLimit, DateTimeOffset? RampStarted, decimal Health, int Used,
    DateTimeOffset? LastSent)
{
    /// <summary>When to ask again for what may be there at any time.</summary>
    public static readonly TimeSpan LaterRetry = TimeSpan.FromMinutes(15);

    public int LimitAt(DateTimeOffset now) => MailboxRamp.LimitAt(RampStarted, Health, DailyLimit, now);

    /// <summary>What there is room for now.</summary>
    public SendBudget Forecast(int minGapSeconds, DateTimeOffset now)
    {
        if (Status != "active")
        {
            return new SendBudget(Id, 0, now + LaterRetry, $"The mailbox is {Status}.");
        }

        if (LimitAt(now) is var limit && limit <= Used)
        {
            return new SendBudget(Id, 0, Tomorrow(now), $"The mailbox has used its {limit} sends of today.");
        }

        return minGapSeconds > 0 && LastSent is { } last && SendGap.End(Id, last, minGapSeconds) is var ready && ready > now
            ? new SendBudget(Id, 0, ready, $"The mailbox waits {minGapSeconds} seconds between two sends.")
            : new SendBudget(Id, minGapSeconds > 0 ? 1 : limit - Used, now, null);
    }

    public static DateTimeOffset Tomorrow(DateTimeOffset now) => new(now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);

    public static Task<List<MailboxBudget>> ReadAsync(InfrastructureDb db, IReadOnlyCollection<Guid> ids, DateTimeOffset now, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        return db.Database.SqlQuery<MailboxBudget>($"""
            SELECT id, tenant_id, domain_id, provider, status, daily_limit, ramp_started, health, last_sent,
                   CASE WHEN daily_count_date >= {today} THEN daily_count ELSE 0 END AS used
            FROM email_accounts
            WHERE id = ANY ({ids.ToArray()})
            """).ToListAsync(ct);
    }
}
