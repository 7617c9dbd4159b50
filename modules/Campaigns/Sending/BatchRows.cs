using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns.Sending;

/// <summary>The enrollments of a batch, and what their next steps depend on.</summary>
/// <param name="Enrollments">Whose turn comes first, first.</param>
/// <param name="OpenMessages">By enrollment: deferred or resent ones go again; one that is being sent was left so by a host that is gone.</param>
/// <param name="Happened">What became of the messages that left last.</param>
/// <param name="Suppressed">The enrollments whose lead must not be written to.</param>
internal sealed record BatchRows(
    IReadOnlyList<Enrollment> Enrollments,
    IReadOnlyDictionary<Guid, Lead> Leads,
    ILookup<Guid, EmailMessage> OpenMessages,
    IReadOnlySet<(Guid MessageId, EventType Type)> Happened,
    IReadOnlySet<Guid> Suppressed)
{
    private static readonly EventType[] Looked = [EventType.Opened, EventType.Clicked, EventType.Replied];

    public static async Task<BatchRows> LoadAsync(CampaignsDb db, IReadOnlyList<Guid> claimed, CancellationToken ct)
    {
        var enrollments = await db.Enrollments.AsNoTracking().Where(row => claimed.Contains(row.Id))
            .OrderBy(row => row.Status == EnrollmentStatus.Pending).ThenBy(row => row.NextRun).ToListAsync(ct);
        var leadIds = enrollments.Select(row => row.LeadId).ToList();
        return new BatchRows(
            enrollments,
            await db.Leads.AsNoTracking().Where(row => leadIds.Contains(row.Id)).ToDictionaryAsync(row => row.Id, ct),
            (await db.Messages.AsNoTracking()
                .Where(row => claimed.Contains(row.CampaignLeadId!.Value) && row.Kind == MessageKind.Campaign
                    && (row.Status == MessageStatus.Queued || row.Status == MessageStatus.Sending))
                .ToListAsync(ct)).ToLookup(message => message.CampaignLeadId!.Value),
            await HappenedAsync(db, [.. enrollments.Select(row => row.LastEmailId).OfType<Guid>()], ct),
            await SuppressedAsync(db, claimed, ct));
    }

    private static async Task<IReadOnlySet<(Guid, EventType)>> HappenedAsync(CampaignsDb db, List<Guid> messages, CancellationToken ct) =>
        messages.Count == 0 ? new HashSet<(Guid, EventType)>()
        : (await db.Events.Where(row => messages.Contains(row.MessageId!.Value) && Looked.Contains(row.EventType))
            .Select(row => new { row.MessageId, row.EventType }).Distinct().ToListAsync(ct))
            .Select(row => (row.MessageId!.Value, row.EventType)).ToHashSet();

    private static async Task<IReadOnlySet<Guid>> SuppressedAsync(CampaignsDb db, IReadOnlyList<Guid> claimed, CancellationToken ct) =>
        (await db.Database.SqlQuery<Guid>($"""
            SELECT campaign_leads.id AS "Value" FROM campaign_leads
            JOIN leads ON leads.id = campaign_leads.lead_id
            JOIN campaigns ON campaigns.id = campaign_leads.campaign_id
            WHERE campaign_leads.id = ANY ({claimed}) AND is_suppressed(leads.tenant_id, campaigns.company_id, leads.email)
            """).ToListAsync(ct)).ToHashSet();
}
