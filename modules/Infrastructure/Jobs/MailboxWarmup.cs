using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Warmup;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

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
        var judgement = scope.ServiceProvider.GetRequiredService<MailboxJudgement>();
        var now = clock.GetUtcNow();
        var from = DateOnly.FromDateTime(now.UtcDateTime).AddDays(1 - EmailAccount.HealthDays);
        var days = (await db.WarmupDays.AsNoTracking().Where(day => day.Day >= from).ToListAsync(ct)).ToLookup(day => day.EmailAccountId);
        await Sweep.EachApartAsync(await db.EmailAccounts.Select(account => account.Id).ToListAsync(ct), async id =>
        {
            // What could not be saved of one must not keep the next from being saved.
            db.ChangeTracker.Clear();
            if (await db.EmailAccounts.SingleOrDefaultAsync(account => account.Id == id, ct) is { } account
                && await judgement.ApplyAsync(account, [.. days[id]], ct) && (account.IsInWarmup || days[id].Any()))
            {
                await NoteDayAsync(db, account, now, ct);
            }
        }, ct);
    }

    // Beside RecordDeliveries, which counts in the same rows.
    private static Task NoteDayAsync(InfrastructureDb db, EmailAccount account, DateTimeOffset now, CancellationToken ct)
    {
        var (day, planned) = (DateOnly.FromDateTime(now.UtcDateTime), account.WarmupStatus == WarmupStatus.Warming ? account.CapAt(now) : 0);
        return db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO warmup_log (tenant_id, email_account_id, day, planned, health)
            VALUES ({account.TenantId}, {account.Id}, {day}, {planned}, {account.KnownHealth})
            ON CONFLICT (email_account_id, day) DO UPDATE SET planned = excluded.planned, health = excluded.health
            """,
            ct);
    }
}
