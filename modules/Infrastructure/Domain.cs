using System.Security.Cryptography;
using PenguinMails.Infrastructure.Domains;

namespace PenguinMails.Infrastructure;

/// <summary><c>Verifying</c>: checked, and nothing known to be wrong. <c>Degraded</c> was verified once.</summary>
internal enum VerificationStatus
{
    Pending,
    Verifying,
    Verified,
    Failed,
    Degraded,
}

/// <summary>Whose server takes a domain's mail: ours, or one of the tenant's own choice.</summary>
internal enum MailHosting
{
    Platform,
    External,
}

/// <summary>A domain that mail is sent from; it belongs to one tenant on the whole platform.</summary>
internal sealed partial class Domain
{
    // DNS flaps: what one check found wrong is looked at again before mail stops.
    private const int FailuresUntilDegraded = 2;

    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required Guid CompanyId { get; set; }

    /// <summary>ASCII, lower case.</summary>
    public required string Name { get; init; }
    public MailHosting MailHosting { get; set; } = MailHosting.External;

    /// <summary>Label of the name that links in mail lead through, relative to the domain; null: none.</summary>
    public string? TrackingHost { get; set; }

    /// <summary>The company's first choice; it has one at most.</summary>
    public bool IsPrimary { get; set; }
    public VerificationStatus VerificationStatus { get; private set; } = VerificationStatus.Pending;

    /// <summary>Whether the last answer of DNS was that a DMARC policy applies.</summary>
    public bool DmarcVerified { get; private set; }
    public IReadOnlyList<DnsRecord> DnsRecords { get; private set; } = [];

    /// <summary>How many of the hourly checks in a row found a verified domain wrong.</summary>
    public int FailedChecks { get; private set; }

    /// <summary>Since when its records are right without a break; of a degraded domain, since when they were.</summary>
    public DateTimeOffset? Verified { get; private set; }
    public DateTimeOffset? LastChecked { get; private set; }

    /// <summary>By the name of the blocklist; null: never checked.</summary>
    public IReadOnlyDictionary<string, Listing>? BlacklistStatus { get; init; }
    public DateTimeOffset Created { get; private set; }

    /// <summary>A domain that waits for its records; the key's public half is in one of them.</summary>
    public static Domain Create(Guid tenantId, Guid companyId, string name, MailHosting hosting, string? trackingHost, RSA dkimKey, DnsOptions dns)
    {
        var domain = new Domain
        {
            Id = Guid.CreateVersion7(),
            TenantId = tenantId,
            CompanyId = companyId,
            Name = name,
            MailHosting = hosting,
            TrackingHost = trackingHost,
            DkimSelector = Selectors[0],
            DkimKeyPath = KeyPath(name, Selectors[0]),
            DnsRecords = [DnsRecord.Dkim(Selectors[0], dkimKey)],
        };
        domain.Publish(dns);
        return domain;
    }

    /// <summary>Lists the records that its settings ask for. What was found of a record stays known while the record is the same.</summary>
    public void Publish(DnsOptions dns)
    {
        var keys = KeySelectors.Select(selector => DnsRecords.SingleOrDefault(record => record.Selector == selector)).OfType<DnsRecord>();
        IEnumerable<DnsRecord> wanted =
        [
            DnsRecord.Spf(MailHosting, dns), .. keys, DnsRecord.Dmarc, DnsRecord.Mx(MailHosting, Name, dns),
            .. TrackingHost is null ? [] : new[] { DnsRecord.Tracking(TrackingHost, dns) },
        ];
        DnsRecords = [.. wanted.Select(record => DnsRecords.SingleOrDefault(known => known.Key == record.Key) ?? record)];
    }

    /// <summary>What a record that is not right stands in the way of.</summary>
    public DnsNeed NeedFor(DnsRecord record) => record.Purpose switch
    {
        DnsPurpose.Spf or DnsPurpose.Mx => DnsNeed.Verification,
        DnsPurpose.Dkim when record.Selector == DkimSelector => DnsNeed.Verification,
        DnsPurpose.Dmarc => DnsNeed.Launch,
        _ => DnsNeed.Nothing,
    };

    /// <summary>Takes over what a check found. What DNS could not tell changes nothing.</summary>
    /// <param name="unasked">Only the hourly checks degrade a domain: nobody does it by asking twice in a bad moment.</param>
    public void Apply(IReadOnlyDictionary<DnsRecordKey, DnsFinding> found, bool unasked, DateTimeOffset now)
    {
        DnsRecords = [.. DnsRecords.Select(record => found.TryGetValue(record.Key, out var finding) ? record.With(finding, now) : record)];
        LastChecked = now;
        SwitchKeys(now);
        DmarcVerified = DnsRecords.Single(record => record.Purpose == DnsPurpose.Dmarc).Status switch
        {
            DnsStatus.Verified => true,
            DnsStatus.Failed => false,
            _ => DmarcVerified,
        };
        Judge([.. DnsRecords.Where(record => NeedFor(record) == DnsNeed.Verification).Select(record => record.Status)], unasked, now);
    }

    private void Judge(IReadOnlyList<DnsStatus> needed, bool unasked, DateTimeOffset now)
    {
        var wasVerified = VerificationStatus is VerificationStatus.Verified or VerificationStatus.Degraded;
        if (needed.All(status => status == DnsStatus.Verified))
        {
            Verified = VerificationStatus == VerificationStatus.Verified ? Verified : now;
            VerificationStatus = VerificationStatus.Verified;
            FailedChecks = 0;
        }
        else if (!wasVerified)
        {
            VerificationStatus = needed.Contains(DnsStatus.Failed) ? VerificationStatus.Failed : VerificationStatus.Verifying;
        }
        else if (needed.Contains(DnsStatus.Failed) && unasked)
        {
            FailedChecks++;
            VerificationStatus = FailedChecks < FailuresUntilDegraded ? VerificationStatus : VerificationStatus.Degraded;
        }
    }
}
