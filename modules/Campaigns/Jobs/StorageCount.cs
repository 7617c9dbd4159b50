using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Campaigns.Jobs;

/// <summary>
/// Counts what the tenants' mail takes, from the day before the last one counted on: one more run changes nothing. Sent mail that retention
/// has dropped takes nothing.
/// </summary>
internal sealed class StorageCount(PlatformDb<CampaignsDb> platform) : IRecurringJob
{
    public async Task RunAsync(CancellationToken ct)
    {
        await using var db = platform.Open("storage");
        db.Database.SetCommandTimeout(CampaignsDb.ForMillions);
        // Tenant by tenant in the indexes, whatever share of a month's partition the days are.
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO olap.storage_daily (tenant_id, day, sent_bytes, received_bytes)
            SELECT tenant.id, stored.day, sum(stored.sent), sum(stored.received)
            FROM tenants AS tenant
            CROSS JOIN (
                SELECT coalesce(max(day) - 1, '-infinity')::timestamp AT TIME ZONE 'UTC' AS begins FROM olap.storage_daily
                WHERE day <= (now() AT TIME ZONE 'UTC')::date) AS since
            CROSS JOIN LATERAL (
                SELECT (created AT TIME ZONE 'UTC')::date AS day, size::bigint AS sent, 0::bigint AS received
                FROM content.email_content WHERE tenant_id = tenant.id AND created >= since.begins
                UNION ALL
                SELECT (created AT TIME ZONE 'UTC')::date, 0, size
                FROM content.inbox_messages WHERE tenant_id = tenant.id AND created >= since.begins) AS stored
            GROUP BY tenant.id, stored.day
            ON CONFLICT (tenant_id, day) DO UPDATE SET sent_bytes = excluded.sent_bytes, received_bytes = excluded.received_bytes
            """, ct);
        await db.Database.ExecuteSqlAsync($"""
            UPDATE olap.storage_daily SET sent_bytes = 0
            WHERE sent_bytes > 0 AND day < (
                SELECT date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => keep_months)
                FROM partition_retention WHERE table_name = 'content.email_content')
            """, ct);
    }
}
