using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns.Features;

/// <summary>What follows when a recipient unsubscribes; a second time nothing does.</summary>
internal sealed class Unsubscribing(CampaignsDb db, TimeProvider clock)
{
    public async Task RunAsync(Unsubscribe.Recipient recipient, bool companyOnly, CancellationToken ct)
    {
        var (enrollment, lead) = (recipient.Enrollment, recipient.Lead);
        var order = new SuppressionOrder(
            companyOnly ? recipient.Company?.Id : null, SuppressionReason.Unsubscribed, $"campaign {enrollment.CampaignId}");
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await Suppression.AddAllAsync(db, lead.TenantId, [lead.Email], order, clock.GetUtcNow(), ct);
        // Those that come at once wait here, and see the other's event.
        await db.Database.ExecuteSqlAsync($"SELECT FROM campaign_leads WHERE id = {enrollment.Id} FOR UPDATE", ct);
        if (!await db.Events.AnyAsync(row => row.LeadId == lead.Id && row.CampaignLeadId == enrollment.Id && row.EventType == EventType.Unsubscribed, ct))
        {
            db.Events.Add(await EventAsync(enrollment, ct));
            await db.SaveChangesAsync(ct);
        }

        await transaction.CommitAsync(ct);
    }

    // It counts for the message that made the lead leave.
    private async Task<EmailEvent> EventAsync(Enrollment enrollment, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var last = await db.Messages.AsNoTracking().Where(row => row.CampaignLeadId == enrollment.Id && row.Kind == MessageKind.Campaign)
            .OrderByDescending(row => row.Sent != null).ThenByDescending(row => row.Created).FirstOrDefaultAsync(ct);
        return last is not null ? EmailEvent.Of(last, EventType.Unsubscribed, now) : new EmailEvent
        {
            Id = Guid.CreateVersion7(now),
            TenantId = enrollment.TenantId,
            Created = now,
            CampaignId = enrollment.CampaignId,
            CampaignLeadId = enrollment.Id,
            LeadId = enrollment.LeadId,
            EmailAccountId = enrollment.EmailAccountId,
            EventType = EventType.Unsubscribed,
            Occurred = now,
        };
    }
}
