using PenguinMails.Infrastructure.Domains;

namespace PenguinMails.Infrastructure.Features.Domains;

/// <summary>A domain with the records to publish.</summary>
/// <param name="Domain">In ASCII, as DNS has it.</param>
/// <param name="UnicodeName">As people write it.</param>
internal sealed record DomainResponse(
    Guid Id, Guid CompanyId, string Domain, string UnicodeName, MailHosting MailHosting, string? TrackingHost, bool IsPrimary,
    VerificationStatus VerificationStatus, DateTimeOffset? Verified, DateTimeOffset? LastChecked, string DkimSelector,
    IReadOnlyList<DnsRecordResponse> DnsRecords)
{
    public static DomainResponse Of(Domain domain) => new(
        domain.Id, domain.CompanyId, domain.Name, DomainName.ToUnicode(domain.Name), domain.MailHosting, domain.TrackingHost, domain.IsPrimary,
        domain.VerificationStatus, domain.Verified, domain.LastChecked, domain.DkimSelector,
        [.. domain.DnsRecords.Select(record => DnsRecordResponse.Of(domain, record))]);
}
