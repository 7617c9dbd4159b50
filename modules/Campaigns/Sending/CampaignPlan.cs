using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Contracts;
using PenguinMails.Campaigns.Data;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Sending;

/// <summary>What a campaign is and may do at the moment: read once for a batch instead of once a message.</summary>
/// <param name="Pool">The mailboxes that its leads are spread over.</param>
/// <param name="Mailboxes">Those, the ones that steps name and the ones that follow-ups are due from.</param>
/// <param name="Budgets">What each of those may send now.</param>
internal sealed record CampaignPlan(
    Campaign Campaign,
    CampaignTexts Texts,
    CompanyDetails Company,
    IReadOnlyList<Guid> Pool,
    IReadOnlyDictionary<Guid, MailboxDetails> Mailboxes,
    IReadOnlyDictionary<Guid, SendBudget> Budgets,
    SendingPermission Permission)
{
    /// <summary>The active ones, in order.</summary>
    public IReadOnlyList<SequenceStep> Steps => Texts.Steps;

    /// <summary>The mailboxes that may send now, and how much.</summary>
    public IEnumerable<SendBudget> Ready => Budgets.Values.Where(budget => budget.Free > 0 && Mailboxes[budget.EmailAccountId].Usable);

    /// <returns>Null where the campaign does not send any more.</returns>
    public static async Task<CampaignPlan?> LoadAsync(CampaignsDb db, ISender modules, Campaign campaign, CancellationToken ct)
    {
        if (await modules.Send(new GetCompany(campaign.CompanyId), ct) is not { } company)
        {
            // It was deleted, and its campaigns with it.
            return null;
        }

        var texts = await CampaignTexts.ReadAsync(db, campaign.Id, ct);
        var pool = await db.Mailboxes.Where(row => row.CampaignId == campaign.Id).Select(row => row.EmailAccountId).ToListAsync(ct);
        var mailboxIds = pool.Concat(texts.Steps.Select(step => step.EmailAccountId).OfType<Guid>())
            .Concat(await StickyAsync(db, campaign.Id, ct)).Distinct().ToList();
        return new CampaignPlan(
            campaign,
            texts,
            company,
            pool,
            (await modules.Send(new GetMailboxes(mailboxIds), ct)).ToDictionary(mailbox => mailbox.Id),
            (await modules.Send(new GetSendBudgets(mailboxIds, campaign.MinGapSeconds), ct)).ToDictionary(budget => budget.EmailAccountId),
            await modules.Send(new GetSendingPermission(await db.StoredBytesAsync(ct)), ct));
    }

    // From one to the next in the index: a few look-ups, however many leads there are.
    private static Task<List<Guid>> StickyAsync(CampaignsDb db, Guid campaignId, CancellationToken ct) => db.Database.SqlQuery<Guid>($"""
        WITH RECURSIVE sticky AS (
            (SELECT email_account_id AS id FROM campaign_leads
             WHERE campaign_id = {campaignId} AND status = 'active' AND email_account_id IS NOT NULL ORDER BY email_account_id LIMIT 1)
            UNION ALL
            SELECT (SELECT email_account_id FROM campaign_leads
                    WHERE campaign_id = {campaignId} AND status = 'active' AND email_account_id > sticky.id ORDER BY email_account_id LIMIT 1)
            FROM sticky WHERE sticky.id IS NOT NULL)
        SELECT id AS "Value" FROM sticky WHERE id IS NOT NULL
        """).ToListAsync(ct);

    /// <summary>Why nothing can be sent now, and until when; null where something can.</summary>
    public (DateTimeOffset Until, string Reason)? Hold(DateTimeOffset now)
    {
        if (!Permission.MaySend)
        {
            return (now.AddHours(1), Permission.Reason!);
        }

        if (!Campaign.UseLeadTimezone && Campaign.Window.Next(now) is var opens && opens > now)
        {
            return (opens, "Outside the sending window.");
        }

        if (Campaign.LeftToday(now) <= 0)
        {
            return (Campaign.NextDay(now), $"The campaign has used its {Campaign.DailyLimit} messages of today.");
        }

        return Ready.Any() ? null : Wait(now);
    }

    // Which mailbox is ready first; one that is not usable may be so at any time.
    private (DateTimeOffset Until, string Reason) Wait(DateTimeOffset now)
    {
        var waits = Mailboxes.Values.Select(mailbox => mailbox.Usable && Budgets.GetValueOrDefault(mailbox.Id) is { Reason: { } reason } budget
            ? (Until: budget.ReadyAt, Reason: reason)
            : (Until: now.AddMinutes(15), Reason: mailbox.Problem ?? "The mailbox is gone.")).ToList();
        return waits.Count == 0 ? (now.AddMinutes(15), "The campaign has no mailbox.") : waits.MinBy(wait => wait.Until);
    }
}
