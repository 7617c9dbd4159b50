using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Sending;

/// <summary>All that the claimed enrollments of one tenant need, read once for the batch instead of once a message.</summary>
internal sealed record BatchData(
    IReadOnlyList<Enrollment> Enrollments,
    IReadOnlyDictionary<Guid, Lead> Leads,
    IReadOnlyDictionary<Guid, Campaign> Campaigns,
    ILookup<Guid, SequenceStep> StepsByCampaign,
    IReadOnlyDictionary<Guid, Template> Templates,
    IReadOnlyDictionary<Guid, CompanyDetails> Companies,
    ILookup<Guid, Guid> PoolByCampaign,
    IReadOnlyDictionary<Guid, MailboxDetails> Mailboxes,
    ILookup<Guid, EmailMessage> OpenMessages,
    IReadOnlySet<Guid> Suppressed)
{
    public static async Task<BatchData> LoadAsync(CampaignsDb db, ISender modules, TenantScope scope, IReadOnlyList<Guid> claimed, CancellationToken ct)
    {
        // Whose turn comes first, first: a mailbox may grant less than all.
        var enrollments = await db.Enrollments.Where(row => claimed.Contains(row.Id))
            .OrderBy(row => row.Status == EnrollmentStatus.Pending).ThenBy(row => row.NextRun).ToListAsync(ct);
        var (campaignIds, leadIds) = (Ids(enrollments, row => row.CampaignId), Ids(enrollments, row => row.LeadId));
        var campaigns = await db.Campaigns.AsNoTracking().Where(row => campaignIds.Contains(row.Id)).ToDictionaryAsync(row => row.Id, ct);
        var steps = await db.Steps.AsNoTracking().Where(row => campaignIds.Contains(row.CampaignId) && row.IsActive)
            .OrderBy(row => row.StepOrder).ToListAsync(ct);
        var templateIds = steps.Select(step => step.TemplateId).Distinct().ToList();
        var pool = await db.Mailboxes.AsNoTracking().Where(row => campaignIds.Contains(row.CampaignId)).ToListAsync(ct);
        var companies = new Dictionary<Guid, CompanyDetails>();
        foreach (var companyId in campaigns.Values.Select(campaign => campaign.CompanyId).Distinct())
        {
            companies[companyId] = await modules.Send(new GetCompany(companyId), ct)
                ?? throw new InvalidOperationException($"Company {companyId} is gone.");
        }

        var mailboxIds = pool.Select(row => row.EmailAccountId).Concat(steps.Select(step => step.EmailAccountId).OfType<Guid>())
            .Concat(enrollments.Select(row => row.EmailAccountId).OfType<Guid>()).Distinct().ToList();
        return new BatchData(
            enrollments,
            await db.Leads.AsNoTracking().Where(row => leadIds.Contains(row.Id)).ToDictionaryAsync(row => row.Id, ct),
            campaigns,
            steps.ToLookup(step => step.CampaignId),
            await db.Templates.AsNoTracking().Where(row => templateIds.Contains(row.Id)).ToDictionaryAsync(row => row.Id, ct),
            companies,
            pool.ToLookup(row => row.CampaignId, row => row.EmailAccountId),
            (await modules.Send(new GetMailboxes(mailboxIds), ct)).ToDictionary(mailbox => mailbox.Id),
            await OpenMessagesAsync(db, claimed, ct),
            await SuppressedAsync(db, scope, claimed, ct));
    }

    private static List<Guid> Ids(IEnumerable<Enrollment> enrollments, Func<Enrollment, Guid> id) => [.. enrollments.Select(id).Distinct()];

    // Deferred or resent ones go again; one that is being sent was left so by a host that is gone.
    private static async Task<ILookup<Guid, EmailMessage>> OpenMessagesAsync(CampaignsDb db, IReadOnlyList<Guid> claimed, CancellationToken ct) =>
        (await db.Messages.Where(row => claimed.Contains(row.CampaignLeadId!.Value)
                && (row.Status == MessageStatus.Queued || row.Status == MessageStatus.Sending)).ToListAsync(ct))
        .ToLookup(message => message.CampaignLeadId!.Value);

    private static async Task<IReadOnlySet<Guid>> SuppressedAsync(CampaignsDb db, TenantScope scope, IReadOnlyList<Guid> claimed, CancellationToken ct) =>
        (await db.Database.SqlQuery<Guid>($"""
            SELECT campaign_leads.id FROM campaign_leads
            JOIN leads ON leads.id = campaign_leads.lead_id
            JOIN campaigns ON campaigns.id = campaign_leads.campaign_id
            WHERE campaign_leads.tenant_id = {scope.RequiredTenantId} AND campaign_leads.id = ANY ({claimed})
                AND is_suppressed(leads.tenant_id, campaigns.company_id, leads.email)
            """).ToListAsync(ct)).ToHashSet();
}
