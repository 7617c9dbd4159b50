using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Infrastructure.Warmup;

/// <summary>Takes over what a mailbox's last days say, and stops it where they ask for it.</summary>
internal sealed class MailboxJudgement(InfrastructureDb db, ISender modules, TimeProvider clock)
{
    /// <summary>Judges mailboxes of which bad news have come: brakes should not wait for the next hour.</summary>
    public async Task ApplyAsync(IReadOnlyCollection<Guid> mailboxes, CancellationToken ct)
    {
        var from = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(1 - EmailAccount.HealthDays);
        var days = (await db.WarmupDays.AsNoTracking().Where(day => mailboxes.Contains(day.EmailAccountId) && day.Day >= from).ToListAsync(ct))
            .ToLookup(day => day.EmailAccountId);
        foreach (var account in await db.EmailAccounts.Where(account => mailboxes.Contains(account.Id)).ToListAsync(ct))
        {
            await ApplyAsync(account, [.. days[account.Id]], ct);
        }
    }

    /// <param name="account">Tracked.</param>
    /// <param name="days">Its last <see cref="EmailAccount.HealthDays"/>.</param>
    /// <returns>False: somebody changed it just now, and nothing was done.</returns>
    public async Task<bool> ApplyAsync(EmailAccount account, IReadOnlyCollection<WarmupDay> days, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        account.Judge(days, now);
        var brake = account.ApplyBrakes(days, now);
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Stopped, resumed or deleted just now: the next run sees what came of it.
            db.Entry(account).State = EntityState.Detached;
            return false;
        }

        if (brake is not null)
        {
            await modules.Send(Notice(account, brake), ct);
        }

        return true;
    }

    private static RaiseNotification Notice(EmailAccount account, Brake brake) => new(
        "mailbox",
        brake.Suspends ? "Mailbox suspended" : "Mailbox paused",
        brake.Suspends
            ? $"{account.Email} was suspended: {brake.Reason} PenguinMails' staff will look at it."
            : $"{account.Email} was paused: {brake.Reason}",
        brake.Suspends ? "high" : "warning",
        $"mailbox:{account.Id}:brake",
        account.TenantId);
}
