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

internal static class Suppression
{
    /// <summary>Suppresses the address for the whole tenant; a second time changes nothing.</summary>
    public static Task AddAsync(CampaignsDb db, Lead lead, SuppressionReason reason, string source, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"""
            INSERT INTO suppressions (id, tenant_id, email_hash, email, reason, source)
            VALUES ({Guid.CreateVersion7()}, {lead.TenantId}, sha256(convert_to(lower({lead.Email}), 'UTF8')), {lead.Email},
                {SnakeCase.Of(reason)}, {source})
            ON CONFLICT DO NOTHING
            """, ct);
}
