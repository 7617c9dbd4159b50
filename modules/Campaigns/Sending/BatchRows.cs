using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns.Sending;

/// <summary>The enrollments of a batch, and what their next steps depend on.</summary>
/// <param name="Enrollments">Whose turn comes first, first.</param>
/// <param name="OpenMessages">By enrollment: deferred or resent ones go again; one that is being sent was left so by a host that is gone.</param>
/// <param name="SentMessages">By enrollment: whoever was thought gone may have told after all what it had sent.</param>
/// <param name="Happened">What became of the messages that left last.</param>
/// <param name="Suppressed">The addresses that must not be written to.</param>
internal sealed record BatchRows(
    IReadOnlyList<Enrollment> Enrollments,
    IReadOnlyDictionary<Guid, Lead> Leads,
    ILookup<Guid, EmailMessage> OpenMessages,
    ILookup<Guid, EmailMessage> SentMessages,
    IReadOnlySet<(Guid MessageId, EventType Type)> Happened,
    IReadOnlySet<string> Suppressed)
{
    private static readonly EventType[] Looked = [EventType.Opened, EventType.Clicked, EventType.Replied];

    public static async Task<BatchRows> LoadAsync(CampaignsDb db, Campaign campaign, IReadOnlyList<Guid> claimed, CancellationToken ct)
    {
        var enrollments = await db.Enrollments.AsNoTracking().Where(row => claimed.Contains(row.Id))
            .OrderBy(row => row.Status == EnrollmentStatus.Pending).ThenBy(row => row.NextRun).ToListAsync(ct);
        var leadIds = enrollments.Select(row => row.LeadId).ToList();
        var leads = await db.Leads.AsNoTracking().Where(row => leadIds.Contains(row.Id)).ToDictionaryAsync(row => row.Id, ct);
        var messages = await db.Messages.AsNoTracking()
            .Where(row => claimed.Contains(row.CampaignLeadId!.Value) && row.Kind == MessageKind.Campaign
                && (row.Status == MessageStatus.Queued || row.Status == MessageStatus.Sending || row.Status == MessageStatus.Sent))
            .ToListAsync(ct);
        return new BatchRows(
            enrollments,
            leads,
            messages.Where(message => message.Status != MessageStatus.Sent).ToLookup(message => message.CampaignLeadId!.Value),
            messages.Where(message => message.Status == MessageStatus.Sent).ToLookup(message => message.CampaignLeadId!.Value),
            await HappenedAsync(db, [.. enrollments.Select(row => row.LastEmailId).OfType<Guid>()], ct),
            await SuppressedAsync(db, campaign, leads.Values, ct));
    }

    private static async Task<IReadOnlySet<(Guid, EventType)>> HappenedAsync(CampaignsDb db, List<Guid> messages, CancellationToken ct) =>
        messages.Count == 0 ? new HashSet<(Guid, EventType)>()
        : (await db.Events.Where(row => messages.Contains(row.MessageId!.Value) && Looked.Contains(row.EventType))
            .Select(row => new { row.MessageId, row.EventType }).Distinct().ToListAsync(ct))
            .Select(row => (row.MessageId!.Value, row.EventType)).ToHashSet();

    private static async Task<IReadOnlySet<string>> SuppressedAsync(CampaignsDb db, Campaign campaign, IEnumerable<Lead> leads, CancellationToken ct) =>
        (await db.Database.SqlQuery<string>($"""
            SELECT suppressed_for({campaign.TenantId}, {campaign.CompanyId}, {leads.Select(lead => lead.Email).ToArray()}) AS "Value"
            """).ToListAsync(ct)).ToHashSet();
}
