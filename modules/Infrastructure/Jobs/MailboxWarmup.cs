using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Warmup;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Infrastructure.Jobs;

/// <summary>
/// Computes each mailbox's health, plans the day of those that warm up, ends the warmups that are done and stops mailboxes whose numbers
/// ask for it. Each hour, since brakes should not wait for the night; a run more or less changes nothing.
/// </summary>
internal sealed class MailboxWarmup(PlatformDatabase platform, IServiceScopeFactory scopes, TimeProvider clock) : IRecurringJob
{
    // Also whoever had a health until now, and no longer sends.
    private const string TenantsWithWork = """
        SELECT tenant_id FROM warmup_log WHERE day > (now() AT TIME ZONE 'utc')::date - 8
        UNION
        SELECT tenant_id FROM email_accounts WHERE warmup_status IN ('warming', 'paused') OR health_sends > 0
        """;

    public async Task RunAsync(CancellationToken ct)
    {
        var tenants = await platform.ColumnAsync<Guid>("warmup", TenantsWithWork, ct);
        await Sweep.EachApartAsync(tenants, tenantId => RunAsync(tenantId, ct), ct);
    }

    /// <summary>One tenant's mailboxes.</summary>
    public async Task RunAsync(Guid tenantId, CancellationToken ct)
    {
        await using var scope = scopes.CreateTenantScope(tenantId);
        var db = scope.ServiceProvider.GetRequiredService<InfrastructureDb>();
        var modules = scope.ServiceProvider.GetRequiredService<ISender>();
        var now = clock.GetUtcNow();
        var from = DateOnly.FromDateTime(now.UtcDateTime).AddDays(1 - EmailAccount.HealthDays);
        var days = (await db.WarmupDays.AsNoTracking().Where(day => day.Day >= from).ToListAsync(ct)).ToLookup(day => day.EmailAccountId);
        await Sweep.EachApartAsync(await db.EmailAccounts.Select(account => account.Id).ToListAsync(ct), async id =>
        {
            // What could not be saved of one must not keep the next from being saved.
            db.ChangeTracker.Clear();
            if (await db.EmailAccounts.SingleOrDefaultAsync(account => account.Id == id, ct) is { } account
                && await JudgeAsync(db, account, [.. days[id]], now, ct) is { } brake)
            {
                await modules.Send(Notice(account, brake), ct);
            }
        }, ct);
    }

    private static async Task<Brake?> JudgeAsync(
        InfrastructureDb db, EmailAccount account, IReadOnlyCollection<WarmupDay> days, DateTimeOffset now, CancellationToken ct)
    {
        account.Judge(days, now);
        var brake = account.ApplyBrakes(days, now);
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Somebody stops, resumes or deletes it just now: the next run sees what came of it.
            return null;
        }

        if (account.IsInWarmup || days.Count > 0)
        {
            var (day, planned) = (DateOnly.FromDateTime(now.UtcDateTime), account.WarmupStatus == WarmupStatus.Warming ? account.CapAt(now) : 0);
            // Beside RecordDeliveries, which counts in the same rows.
            await db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO warmup_log (tenant_id, email_account_id, day, planned, health)
                VALUES ({account.TenantId}, {account.Id}, {day}, {planned}, {account.KnownHealth})
                ON CONFLICT (email_account_id, day) DO UPDATE SET planned = excluded.planned, health = excluded.health
                """,
                ct);
        }

        return brake;
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
