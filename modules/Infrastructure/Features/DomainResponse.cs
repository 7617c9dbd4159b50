using PenguinMails.Infrastructure.Domains;

namespace PenguinMails.Infrastructure.Features;

/// <summary>A domain with the records to publish.</summary>
internal sealed record DomainResponse(
    Guid Id, Guid CompanyId, string Domain, VerificationStatus VerificationStatus, DateTimeOffset? Verified, DateTimeOffset? LastChecked,
    IReadOnlyList<DnsRecord> DnsRecords)
{
    public static DomainResponse Of(Domain domain) => new(
        domain.Id, domain.CompanyId, domain.Name, domain.VerificationStatus, domain.Verified, domain.LastChecked, domain.DnsRecords);
}
