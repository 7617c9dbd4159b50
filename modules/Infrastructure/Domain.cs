using System.Security.Cryptography;
using PenguinMails.Infrastructure.Domains;

namespace PenguinMails.Infrastructure;

/// <summary><c>Degraded</c> was verified once.</summary>
internal enum VerificationStatus
{
    Pending,
    Verifying,
    Verified,
    Failed,
    Degraded,
}

/// <summary>A domain that mail is sent from; it belongs to one tenant on the whole platform.</summary>
internal sealed class Domain
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required Guid CompanyId { get; init; }

    /// <summary>ASCII, lower case.</summary>
    public required string Name { get; init; }
    public VerificationStatus VerificationStatus { get; private set; } = VerificationStatus.Pending;
    public required IReadOnlyList<DnsRecord> DnsRecords { get; set; }
    public required string DkimSelector { get; init; }
    public string? DkimKeyPath { get; init; }
    public DateTimeOffset? Verified { get; private set; }
    public DateTimeOffset? LastChecked { get; private set; }
    public DateTimeOffset Created { get; private set; }

    /// <summary>A domain that waits for its records; the key's public half is in one of them.</summary>
    public static Domain Create(Guid tenantId, Guid companyId, string name, RSA dkimKey, DnsOptions dns) => new()
    {
        Id = Guid.CreateVersion7(),
        TenantId = tenantId,
        CompanyId = companyId,
        Name = name,
        DkimSelector = DnsRecord.DkimSelector,
        DkimKeyPath = $"mail/dkim/{name}/{DnsRecord.DkimSelector}",
        DnsRecords = DnsRecord.ToPublish(dkimKey, dns),
    };

    /// <summary>Takes over what a check found. What DNS could not tell changes nothing.</summary>
    public void Apply(IReadOnlyList<DnsRecord> records, DateTimeOffset now)
    {
        DnsRecords = records;
        LastChecked = now;
        var needed = records.Where(record => record.Purpose != DnsPurpose.Dmarc).ToList();
        if (needed.All(record => record.Status == DnsStatus.Verified))
        {
            VerificationStatus = VerificationStatus.Verified;
            Verified ??= now;
        }
        else if (needed.Any(record => record.Status == DnsStatus.Failed))
        {
            VerificationStatus = Verified is null ? VerificationStatus.Failed : VerificationStatus.Degraded;
        }
    }
}
