using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns;

internal enum SuppressionReason
{
    Unsubscribed,
    HardBounce,
}

/// <summary>Addresses that are not written to any more. Rows are never dropped; the hash survives the address's erasure.</summary>
internal static class Suppression
{
    /// <summary>Suppresses the address for the whole tenant; a second time changes nothing.</summary>
    public static Task AddAsync(CampaignsDb db, Lead lead, SuppressionReason reason, string source, CancellationToken ct)
    {
        var stored = reason == SuppressionReason.HardBounce ? "hard_bounce" : "unsubscribed";
        return db.Database.ExecuteSqlAsync($"""
            INSERT INTO suppressions (id, tenant_id, email_hash, email, reason, source)
            VALUES ({Guid.CreateVersion7()}, {lead.TenantId}, sha256(convert_to(lower({lead.Email}), 'UTF8')), {lead.Email}, {stored}, {source})
            ON CONFLICT DO NOTHING
            """, ct);
    }
}
