using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Data;

namespace PenguinMails.Infrastructure.Features;

internal sealed class ReserveSendHandler(InfrastructureDb db, TimeProvider clock) : IRequestHandler<ReserveSend, SendReservation>
{
    private static readonly TimeSpan InactiveRetry = TimeSpan.FromMinutes(15);

    private sealed record Mailbox(int Granted, string Status, int Used, int DailyLimit, DateTimeOffset? LastSent);

    public async Task<SendReservation> Handle(ReserveSend request, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var gap = TimeSpan.FromSeconds(request.MinGapSeconds);
        return (await TakeAsync(request, now, ct)).SingleOrDefault() switch
        {
            null => new SendReservation(0, now + InactiveRetry, "There is no such mailbox."),
            { Status: not "active" } mailbox => new SendReservation(0, now + InactiveRetry, $"The mailbox is {mailbox.Status}."),
            { } mailbox when mailbox.Granted == request.Wanted => new SendReservation(mailbox.Granted, null, null),
            { } mailbox when mailbox.Used + mailbox.Granted >= mailbox.DailyLimit => new SendReservation(mailbox.Granted,
                new DateTimeOffset(now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero), $"The mailbox has used its {mailbox.DailyLimit} sends of today."),
            { } mailbox => new SendReservation(mailbox.Granted, (mailbox.Granted > 0 ? now : mailbox.LastSent) + gap,
                $"The mailbox waits {request.MinGapSeconds} seconds between two sends."),
        };
    }

    // The lock comes first: whoever waited for it decides on what the one before has left, not on what it once read. A host
    // whose clock is behind at midnight counts on in the newer day.
    private Task<List<Mailbox>> TakeAsync(ReserveSend request, DateTimeOffset now, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        // Without a gap no order of sends is asked for: another host's clock may be ahead.
        var lastAllowed = request.MinGapSeconds > 0 ? now.AddSeconds(-request.MinGapSeconds) : DateTimeOffset.MaxValue;
        var most = request.MinGapSeconds > 0 ? 1 : request.Wanted;
        return db.Database.SqlQuery<Mailbox>($"""
            WITH mailbox AS (
                SELECT id, status, daily_limit, last_sent, daily_count_date,
                       CASE WHEN daily_count_date >= {today} THEN daily_count ELSE 0 END AS used
                FROM email_accounts
                WHERE id = {request.EmailAccountId}
                FOR UPDATE
            ), granted AS (
                UPDATE email_accounts account
                SET daily_count = mailbox.used + LEAST({most}, mailbox.daily_limit - mailbox.used),
                    daily_count_date = GREATEST(mailbox.daily_count_date, {today}),
                    last_sent = GREATEST(mailbox.last_sent, {now})
                FROM mailbox
                WHERE account.id = mailbox.id
                  AND mailbox.status = 'active'
                  AND mailbox.used < mailbox.daily_limit
                  AND (mailbox.last_sent IS NULL OR mailbox.last_sent <= {lastAllowed})
                RETURNING LEAST({most}, mailbox.daily_limit - mailbox.used) AS taken
            )
            SELECT COALESCE((SELECT taken FROM granted), 0) AS granted, status, used, daily_limit, last_sent FROM mailbox
            """).ToListAsync(ct);
    }
}
