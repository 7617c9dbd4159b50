using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Mail;

namespace PenguinMails.Infrastructure.Features;

internal sealed class ReserveSendHandler(InfrastructureDb db, AddressBudget addresses, AddressPlaces places, TimeProvider clock)
    : IRequestHandler<ReserveSend, IReadOnlyList<SendTurn>>
{
    private sealed record Taken(int Granted, string Status, int Used, DateTimeOffset? LastSent);

    public async Task<IReadOnlyList<SendTurn>> Handle(ReserveSend request, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if ((await MailboxBudget.ReadAsync(db, [request.EmailAccountId], now, ct)).SingleOrDefault() is not { } mailbox)
        {
            return All(request, SendTurn.At(now + MailboxBudget.LaterRetry, "There is no such mailbox."));
        }

        // A mailbox with a server of its own has nothing to do with our addresses.
        if (mailbox.Provider != EmailAccount.PlatformServer)
        {
            return await WithoutAddressesAsync(request, mailbox, now, ct);
        }

        // Only guessed: what is really there is taken at once, below.
        var most = Math.Min(mailbox.Forecast(request.MinGapSeconds, now).Free, request.Recipients.Count);
        return most == 0
            ? All(request, Wait(request, mailbox, new Taken(0, mailbox.Status, mailbox.Used, mailbox.LastSent), now))
            : await WithAddressesAsync(request, mailbox, most, now, ct);
    }

    private async Task<IReadOnlyList<SendTurn>> WithoutAddressesAsync(ReserveSend request, MailboxBudget mailbox, DateTimeOffset now, CancellationToken ct)
    {
        var taken = await TakeAsync(request, mailbox, request.Recipients.Count, now, ct);
        return [.. request.Recipients.Select((_, place) => place < taken.Granted ? SendTurn.From(null) : Wait(request, mailbox, taken, now))];
    }

    // Another host may have used the mailbox up meanwhile: what was taken from the addresses is then not given back.
    private async Task<IReadOnlyList<SendTurn>> WithAddressesAsync(
        ReserveSend request, MailboxBudget mailbox, int most, DateTimeOffset now, CancellationToken ct)
    {
        var grants = await addresses.TakeAsync(mailbox.TenantId, mailbox.DomainId, request.Recipients, most, ct);
        var found = grants.Addresses.Count(address => address is not null);
        if (found == 0)
        {
            return !grants.HasPlace && !await places.HaveAddressesAsync(ct)
                ? await WithoutAddressesAsync(request, mailbox, now, ct)
                : All(request, WaitForAddress(grants, now));
        }

        var taken = await TakeAsync(request, mailbox, found, now, ct);
        var left = taken.Granted;
        return [.. grants.Addresses.Select(address =>
            address is not null && left-- > 0 ? SendTurn.From(address)
            : address is null && found < most ? WaitForAddress(grants, now)
            : Wait(request, mailbox, taken, now))];
    }

    private static SendTurn WaitForAddress(AddressGrants grants, DateTimeOffset now) => grants.HasPlace
        ? SendTurn.At(MailboxBudget.Tomorrow(now), "The addresses of the domain have used their sends of today to this receiver.")
        : SendTurn.At(now + MailboxBudget.LaterRetry, "The domain waits for an address to send from: none is free.");

    // As the forecast has it, of what was found when it was taken.
    private static SendTurn Wait(ReserveSend request, MailboxBudget mailbox, Taken taken, DateTimeOffset now)
    {
        var found = mailbox with { Status = taken.Status, Used = taken.Used + taken.Granted, LastSent = taken.Granted > 0 ? now : taken.LastSent };
        var budget = found.Forecast(request.MinGapSeconds, now);
        return SendTurn.At(budget.ReadyAt, budget.Reason!);
    }

    private static SendTurn[] All(ReserveSend request, SendTurn turn) => [.. request.Recipients.Select(_ => turn)];

    // The lock comes first: whoever waited for it decides on what the one before has left, not on what it once read. A host
    // whose clock is behind at midnight counts on in the newer day.
    private async Task<Taken> TakeAsync(ReserveSend request, MailboxBudget found, int wanted, DateTimeOffset now, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        // Without a gap no order of sends is asked for: another host's clock may be ahead.
        var lastAllowed = request.MinGapSeconds > 0 ? now.AddSeconds(-request.MinGapSeconds) : DateTimeOffset.MaxValue;
        var most = request.MinGapSeconds > 0 ? Math.Min(1, wanted) : wanted;
        var limit = found.LimitAt(now);
        return (await db.Database.SqlQuery<Taken>($"""
            WITH mailbox AS (
                SELECT id, status, last_sent, daily_count_date, CASE WHEN daily_count_date >= {today} THEN daily_count ELSE 0 END AS used
                FROM email_accounts
                WHERE id = {request.EmailAccountId}
                FOR UPDATE
            ), granted AS (
                UPDATE email_accounts account
                SET daily_count = mailbox.used + LEAST({most}, {limit} - mailbox.used),
                    daily_count_date = GREATEST(mailbox.daily_count_date, {today}),
                    last_sent = GREATEST(mailbox.last_sent, {now})
                FROM mailbox
                WHERE account.id = mailbox.id
                  AND mailbox.status = 'active'
                  AND mailbox.used < {limit}
                  AND (mailbox.last_sent IS NULL OR mailbox.last_sent <= {lastAllowed})
                RETURNING LEAST({most}, {limit} - mailbox.used) AS taken
            )
            SELECT COALESCE((SELECT taken FROM granted), 0) AS granted, status, used, last_sent FROM mailbox
            """).ToListAsync(ct)).SingleOrDefault() ?? new Taken(0, "deleted", 0, null);
    }
}
