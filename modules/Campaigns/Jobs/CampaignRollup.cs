using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Campaigns.Jobs;

/// <summary>
/// Sums up the days (UTC) that are over into <c>olap.campaign_daily</c>, whole days at a time: one more run changes nothing. A day without
/// rows there is read from its events, so that numbers are right before the first run too.
/// </summary>
internal sealed class CampaignRollup(PlatformDatabase platform, IServiceScopeFactory scopes, TimeProvider clock) : IRecurringJob
{
    // Events of the last hour before a run may have been committed after it. $1: when the running day began.
    private const string TenantsWithNews = """
        SELECT tenant.id
        FROM (SELECT DISTINCT tenant_id AS id FROM campaigns) AS tenant
        CROSS JOIN LATERAL (
            SELECT coalesce(max(created), '-infinity') AS last FROM olap.campaign_daily
            WHERE tenant_id = tenant.id AND day >= ($1 AT TIME ZONE 'UTC')::date - 40) AS rolled
        WHERE EXISTS (
                SELECT FROM content.email_events
                WHERE tenant_id = tenant.id AND campaign_id IS NOT NULL AND created < $1 AND created >= rolled.last - interval '1 hour')
            OR rolled.last < $1 AND EXISTS (
                SELECT FROM content.email_messages
                WHERE tenant_id = tenant.id AND campaign_id IS NOT NULL AND created < $1 AND created >= $1 - interval '6 days')
        """;

    public async Task RunAsync(CancellationToken ct)
    {
        var tenants = await platform.ColumnAsync<Guid>("rollup", TenantsWithNews, ct, new NpgsqlParameter { Value = Midnight(clock.GetUtcNow()) });
        await Sweep.EachApartAsync(tenants, tenantId => RunAsync(tenantId, ct), ct);
    }

    /// <summary>One tenant's days.</summary>
    public async Task RunAsync(Guid tenantId, CancellationToken ct)
    {
        await using var scope = scopes.CreateTenantScope(tenantId);
        var db = scope.ServiceProvider.GetRequiredService<CampaignsDb>();
        db.Database.SetCommandTimeout(TimeSpan.FromMinutes(10));
        await Sweep.EachApartAsync(await DaysWithNewsAsync(db, tenantId, ct), day => SumUpAsync(db, tenantId, day, ct), ct);
    }

    // A message is tried for up to four days before it has failed, which no event says: the last days are counted once a day.
    private async Task<List<DateOnly>> DaysWithNewsAsync(CampaignsDb db, Guid tenantId, CancellationToken ct)
    {
        var midnight = Midnight(clock.GetUtcNow());
        return await db.Database.SqlQuery<DateOnly>($"""
            SELECT past.day AS "Value"
            FROM (
                SELECT series::date AS day, series AT TIME ZONE 'UTC' AS begins, (series + interval '1 day') AT TIME ZONE 'UTC' AS ends
                FROM generate_series(
                    (SELECT date_trunc('day', LEAST(
                        (SELECT min(created) FROM content.email_events WHERE tenant_id = {tenantId}),
                        {midnight.AddDays(-6)}) AT TIME ZONE 'UTC')),
                    {midnight.AddDays(-1)}::timestamptz AT TIME ZONE 'UTC', interval '1 day') AS series
            ) AS past
            LEFT JOIN LATERAL (
                SELECT created FROM olap.campaign_daily WHERE tenant_id = {tenantId} AND day = past.day LIMIT 1) AS rolled ON true
            WHERE EXISTS (
                    SELECT FROM content.email_events
                    WHERE tenant_id = {tenantId} AND campaign_id IS NOT NULL AND created < past.ends
                      AND created >= GREATEST(past.begins, rolled.created - interval '1 hour'))
                OR past.begins >= {midnight.AddDays(-6)} AND (rolled.created IS NULL OR rolled.created < {midnight}) AND EXISTS (
                    SELECT FROM content.email_messages
                    WHERE tenant_id = {tenantId} AND campaign_id IS NOT NULL AND created >= past.begins AND created < past.ends)
            ORDER BY 1
            """).ToListAsync(ct);
    }

    private async Task SumUpAsync(CampaignsDb db, Guid tenantId, DateOnly day, CancellationToken ct)
    {
        // Before the events are read: what is committed meanwhile is newer.
        var now = clock.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.LockAsync($"rollup:{tenantId}", ct);
        await db.Database.ExecuteSqlAsync($"DELETE FROM olap.campaign_daily WHERE tenant_id = {tenantId} AND day = {day}", ct);
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO olap.campaign_daily (tenant_id, day, created, campaign_id, step_id, variant_id, email_account_id, provider,
                sent, opened, clicked, replied, bounced, complained, unsubscribed, deferred, failed)
            SELECT {tenantId}, {day}, {now}, campaign_id, step_id, variant_id, email_account_id, provider,
                sent, opened, clicked, replied, bounced, complained, unsubscribed, deferred, failed
            FROM campaign_counts({tenantId}, {day}, NULL)
            """, ct);
        await transaction.CommitAsync(ct);
    }

    private static DateTimeOffset Midnight(DateTimeOffset now) => new(now.UtcDateTime.Date, TimeSpan.Zero);
}
