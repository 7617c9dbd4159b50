using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Campaigns.Data;
using PenguinMails.Infrastructure.Contracts;

namespace PenguinMails.Campaigns.Sending;

/// <summary>Says when a campaign is next to be looked at, and ends it when all its leads are through.</summary>
internal sealed class NextLook(CampaignsDb db, ISender modules, IOptions<SendingOptions> options, TimeProvider clock)
{
    // Campaigns that wait for days for their follow-ups are many.
    private const int LooksOfTheIdle = 15;

    /// <param name="plan">As it was read for the batch: whoever has called for a look since is not overruled.</param>
    /// <param name="worked">Whether the batch had anything to do.</param>
    public async Task SetAsync(CampaignPlan plan, bool worked, CancellationToken ct)
    {
        if (await CompleteAsync(plan.Campaign, ct))
        {
            return;
        }

        var now = clock.GetUtcNow();
        var budgets = worked
            ? (await modules.Send(new GetSendBudgets([.. plan.Mailboxes.Keys], plan.Campaign.MinGapSeconds), ct)).ToDictionary(budget => budget.EmailAccountId)
            : plan.Budgets;
        var due = await DueAsync(plan, ct);
        var hold = (plan with { Budgets = budgets }).Hold(now);
        hold = hold?.Until > due ? hold : null;
        // What is due and still was not to be had waits for a mailbox in other hands, or another host.
        var earliest = worked ? now : now + Look / 4;
        // A hold may end early without a word; whoever makes a lead due calls for a look.
        var latest = now + (hold is null && due > now ? LooksOfTheIdle * Look : Look);
        await SetAsync(plan.Campaign, Clamp(hold?.Until ?? due ?? latest, earliest, latest), hold?.Reason, ct);
    }

    private TimeSpan Look => TimeSpan.FromSeconds(options.Value.LookSeconds);

    private static DateTimeOffset Clamp(DateTimeOffset at, DateTimeOffset from, DateTimeOffset to) => at < from ? from : at > to ? to : at;

    private Task<int> SetAsync(Campaign campaign, DateTimeOffset at, string? reason, CancellationToken ct) => db.Campaigns
        .Where(row => row.Id == campaign.Id && row.NextDispatch == campaign.NextDispatch)
        .ExecuteUpdateAsync(row => row
            .SetProperty(looked => looked.NextDispatch, at)
            .SetProperty(looked => looked.WaitingFor, reason), ct);

    /// <summary>When the first enrollment is due, or its lease ends; null where none is open.</summary>
    private async Task<DateTimeOffset?> DueAsync(CampaignPlan plan, CancellationToken ct) => (await db.Database.SqlQuery<DateTimeOffset?>($"""
        SELECT min(GREATEST(first.next_run, first.lease_until)) AS "Value" FROM (
            SELECT due.* FROM unnest({plan.Mailboxes.Keys.ToArray()}) AS mailbox (id) CROSS JOIN LATERAL (
                SELECT next_run, lease_until FROM campaign_leads
                WHERE campaign_id = {plan.Campaign.Id} AND status = 'active' AND email_account_id = mailbox.id AND next_run IS NOT NULL
                ORDER BY next_run LIMIT 1) AS due
            UNION ALL (
                SELECT next_run, lease_until FROM campaign_leads
                WHERE campaign_id = {plan.Campaign.Id} AND status = 'active' AND email_account_id IS NULL AND next_run IS NOT NULL
                ORDER BY next_run LIMIT 1)
            UNION ALL (
                SELECT next_run, lease_until FROM campaign_leads
                WHERE campaign_id = {plan.Campaign.Id} AND status = 'pending' AND next_run IS NOT NULL
                ORDER BY next_run LIMIT 1)) AS first
        """).ToListAsync(ct)).Single();

    // Whoever has just added leads has called for a look.
    private async Task<bool> CompleteAsync(Campaign campaign, CancellationToken ct) => await db.Campaigns
        .Where(row => row.Id == campaign.Id && row.Status == CampaignStatus.Sending && row.NextDispatch == campaign.NextDispatch
            && !db.Enrollments.Any(open => open.CampaignId == row.Id && (open.Status == EnrollmentStatus.Pending || open.Status == EnrollmentStatus.Active)))
        .ExecuteUpdateAsync(row => row
            .SetProperty(over => over.Status, CampaignStatus.Completed)
            .SetProperty(over => over.WaitingFor, (string?)null)
            .SetProperty(over => over.Completed, clock.GetUtcNow()), ct) > 0;
}
