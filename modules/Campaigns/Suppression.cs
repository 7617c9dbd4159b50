using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Database;

namespace PenguinMails.Campaigns;

internal enum SuppressionReason
{
    Unsubscribed,
    HardBounce,
    SoftBounces,
    Complaint,
    Manual,
    Imported,
}

/// <summary>An address that is not written to any more (table <c>suppressions</c>). Rows are never dropped; the hash survives the address's erasure.</summary>
internal sealed class SuppressedAddress
{
    public required Guid Id { get; init; }

    /// <summary>Null: the platform's, for all tenants.</summary>
    public Guid? TenantId { get; init; }

    /// <summary>Null: for all companies of the tenant.</summary>
    public Guid? CompanyId { get; init; }

    /// <summary>SHA-256 of the address in lower case, UTF-8.</summary>
    public required byte[] EmailHash { get; init; }

    /// <summary>Null once it is erased.</summary>
    public string? Email { get; init; }
    public required SuppressionReason Reason { get; init; }

    /// <summary>What led to it: a campaign, a message, a file.</summary>
    public string? Source { get; init; }
    public DateTimeOffset Created { get; private set; }
}

/// <summary>Why addresses are suppressed, and for whom.</summary>
/// <param name="CompanyId">Null: for all companies of the tenant.</param>
/// <param name="Source">What led to it; at most 255 characters.</param>
internal sealed record SuppressionOrder(Guid? CompanyId, SuppressionReason Reason, string? Source);

/// <param name="Added">Addresses that had not been suppressed in this scope before.</param>
/// <param name="Exited">Places in campaigns that ended by it.</param>
internal readonly record struct SuppressedCounts(int Added, int Exited);

internal static class Suppression
{
    /// <summary>Suppresses the address for the whole tenant; a second time changes nothing.</summary>
    public static Task AddAsync(CampaignsDb db, Lead lead, SuppressionReason reason, string source, CancellationToken ct) =>
        InsertAsync(db, lead.TenantId, [lead.Email], new SuppressionOrder(null, reason, source), ct);

    /// <summary>
    /// Suppresses them all, in the caller's transaction or one of its own: of the leads' ways through campaigns those end that are not in
    /// hand at this moment. The sender asks about these itself. Always rows first, then leads, then enrollments, so that two do not
    /// wait for each other.
    /// </summary>
    public static async Task<SuppressedCounts> AddAllAsync(
        CampaignsDb db, Guid tenantId, IEnumerable<string> emails, SuppressionOrder order, DateTimeOffset now, CancellationToken ct)
    {
        var addresses = emails.Select(email => email.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal).ToArray();
        await using var own = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(ct) : null;
        var added = await InsertAsync(db, tenantId, addresses, order, ct);
        if (order.CompanyId is null && StatusOf(order.Reason) is { } status)
        {
            await db.Leads.Where(lead => lead.TenantId == tenantId && addresses.Contains(lead.EmailKey) && lead.Status == LeadStatus.Active)
                .ExecuteUpdateAsync(row => row.SetProperty(lead => lead.Status, status), ct);
        }

        var exited = await ExitAsync(db, tenantId, addresses, order, now, ct);
        if (own is not null)
        {
            await own.CommitAsync(ct);
        }

        return new SuppressedCounts(added, exited);
    }

    /// <summary>Ends the ways of these addresses through campaigns; what became of them is not said twice.</summary>
    public static async Task<int> ExitAsync(
        CampaignsDb db, Guid tenantId, string[] addresses, SuppressionOrder order, DateTimeOffset now, CancellationToken ct) =>
        // A campaign whose last ways these were ends by its next turn, which is now.
        (await db.Database.SqlQuery<int>($"""
            WITH exited AS (
                UPDATE campaign_leads
                SET status = 'exited', exit_reason = {SnakeCase.Of(ExitOf(order.Reason))}, next_run = NULL, waits_for = NULL, last_error = NULL
                FROM leads, campaigns
                WHERE campaign_leads.tenant_id = {tenantId} AND leads.tenant_id = {tenantId} AND campaigns.tenant_id = {tenantId}
                    AND leads.id = campaign_leads.lead_id AND campaigns.id = campaign_leads.campaign_id
                    AND leads.email_key = ANY ({addresses}) AND ({order.CompanyId}::uuid IS NULL OR campaigns.company_id = {order.CompanyId}::uuid)
                    AND campaign_leads.lease_owner IS NULL AND campaign_leads.status IN ('pending', 'active')
                RETURNING campaign_leads.campaign_id),
            woken AS (
                UPDATE campaigns SET next_dispatch = {now}
                WHERE tenant_id = {tenantId} AND id IN (SELECT campaign_id FROM exited) AND status = 'sending' AND next_dispatch > {now})
            SELECT count(*)::int AS "Value" FROM exited
            """).ToListAsync(ct)).Single();

    /// <summary>Whether the address is not written to: by nobody, by no company of the tenant, or not by this one.</summary>
    /// <param name="tenantId">Null asks for the platform's own only.</param>
    public static async Task<bool> HoldsAsync(CampaignsDb db, Guid? tenantId, Guid? companyId, string email, CancellationToken ct) =>
        await db.Database.SqlQuery<bool>($"""SELECT is_suppressed({tenantId}::uuid, {companyId}::uuid, {email}) AS "Value" """).SingleAsync(ct);

    /// <summary>Writes the rows, for a tenant or, without one, for the platform.</summary>
    public static Task<int> InsertAsync(CampaignsDb db, Guid? tenantId, string[] addresses, SuppressionOrder order, CancellationToken ct)
    {
        var ids = addresses.Select(_ => Guid.CreateVersion7()).ToArray();
        return db.Database.ExecuteSqlAsync($"""
            INSERT INTO suppressions (id, tenant_id, company_id, email_hash, email, reason, source)
            SELECT given.id, {tenantId}::uuid, {order.CompanyId}::uuid, sha256(convert_to(lower(given.email), 'UTF8')), given.email,
                {SnakeCase.Of(order.Reason)}, {order.Source}::text
            FROM unnest({ids}, {addresses}) AS given (id, email)
            ON CONFLICT DO NOTHING
            """, ct);
    }

    /// <summary>What becomes of the lead; null: it stays as it is.</summary>
    public static LeadStatus? StatusOf(SuppressionReason reason) => reason switch
    {
        SuppressionReason.Unsubscribed => LeadStatus.Unsubscribed,
        SuppressionReason.HardBounce or SuppressionReason.SoftBounces => LeadStatus.Bounced,
        SuppressionReason.Complaint => LeadStatus.Complained,
        _ => null,
    };

    /// <summary>Why its ways through campaigns end.</summary>
    public static ExitReason ExitOf(SuppressionReason reason) => reason switch
    {
        SuppressionReason.Unsubscribed => ExitReason.Unsubscribed,
        SuppressionReason.HardBounce or SuppressionReason.SoftBounces => ExitReason.Bounced,
        SuppressionReason.Complaint => ExitReason.Complained,
        _ => ExitReason.Removed,
    };
}
