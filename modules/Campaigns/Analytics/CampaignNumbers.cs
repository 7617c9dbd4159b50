using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;

namespace PenguinMails.Campaigns.Analytics;

/// <summary>A tenant's numbers of some days: those that are summed up from <c>olap.campaign_daily</c>, the others from their events.</summary>
internal sealed class CampaignNumbers(CampaignsDb db, TenantScope scope, TimeProvider clock)
{
    /// <param name="campaigns">Null: all of the tenant.</param>
    /// <param name="by">campaign, step, variant, mailbox, provider or day.</param>
    /// <returns>In the order of their keys, those without one last.</returns>
    public Task<List<Numbers>> ReadAsync(IReadOnlyCollection<Guid>? campaigns, DateOnly from, DateOnly to, string by, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var (tenant, last, ids) = (scope.RequiredTenantId, to < today ? to : today, campaigns?.ToArray());
        return db.Database.SqlQuery<Numbers>($"""
            WITH days AS (
                SELECT series::date AS day, series::date < {today} AND EXISTS (
                    SELECT FROM olap.campaign_daily WHERE tenant_id = {tenant} AND day = series::date) AS is_summed_up
                FROM generate_series({from}::date::timestamp, {last}::date::timestamp, interval '1 day') AS series
            ), counted AS (
                SELECT days.day, daily.campaign_id, daily.step_id, daily.variant_id, daily.email_account_id, daily.provider, daily.sent, daily.opened,
                    daily.clicked, daily.replied, daily.bounced, daily.complained, daily.unsubscribed, daily.deferred, daily.failed
                FROM days JOIN olap.campaign_daily AS daily ON daily.tenant_id = {tenant} AND daily.day = days.day
                WHERE days.is_summed_up AND ({ids}::uuid[] IS NULL OR daily.campaign_id = ANY ({ids}::uuid[]))
                UNION ALL
                SELECT days.day, live.campaign_id, live.step_id, live.variant_id, live.email_account_id, live.provider, live.sent, live.opened,
                    live.clicked, live.replied, live.bounced, live.complained, live.unsubscribed, live.deferred, live.failed
                FROM days CROSS JOIN LATERAL campaign_counts({tenant}, days.day, {ids}::uuid[]) AS live
                WHERE NOT days.is_summed_up
            )
            SELECT CASE {by}::text WHEN 'campaign' THEN campaign_id::text WHEN 'step' THEN step_id::text WHEN 'variant' THEN variant_id::text
                    WHEN 'mailbox' THEN email_account_id::text WHEN 'provider' THEN provider WHEN 'day' THEN to_char(day, 'YYYY-MM-DD') END AS key,
                sum(sent) AS sent, sum(opened) AS opened, sum(clicked) AS clicked, sum(replied) AS replied, sum(bounced) AS bounced,
                sum(complained) AS complained, sum(unsubscribed) AS unsubscribed, sum(deferred) AS deferred, sum(failed) AS failed
            FROM counted GROUP BY 1 ORDER BY 1
            """).ToListAsync(ct);
    }
}
