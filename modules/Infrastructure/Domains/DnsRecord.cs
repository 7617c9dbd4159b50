using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace PenguinMails.Infrastructure.Domains;

/// <summary><c>Error</c>: DNS gave no answer, so nothing is known.</summary>
internal enum DnsStatus
{
    Pending,
    Verified,
    Failed,
    Error,
}

internal enum DnsPurpose
{
    Spf,
    Dkim,
    Dmarc,
    Mx,
    Tracking,
}

/// <summary>What a record that is not right stands in the way of.</summary>
internal enum DnsNeed
{
    Verification,
    Launch,
    Nothing,
}

/// <summary>What makes two records the same: a check of one says nothing about another.</summary>
internal readonly record struct DnsRecordKey(string Type, string Name, string Value);

/// <summary>What DNS was found to hold where a record belongs.</summary>
/// <param name="Error">For people: what is wrong, or why nothing is known; null when it is right.</param>
/// <param name="Found">For people: what is published; null where that is nothing, or not known.</param>
internal sealed record DnsFinding(DnsStatus Status, string? Error, string? Found)
{
    public static DnsFinding Right(string? found = null) => new(DnsStatus.Verified, null, found);

    public static DnsFinding Wrong(string error, string? found = null) => new(DnsStatus.Failed, error, found);

    public static DnsFinding Unknown(string fault) => new(DnsStatus.Error, fault, null);
}

/// <summary>A record that the tenant publishes, and what the last check found.</summary>
/// <param name="Name">Relative to the domain, as DNS consoles ask for it: <c>@</c> is the domain itself.</param>
/// <param name="Ttl">Seconds.</param>
/// <param name="Selector">Of a DKIM record only.</param>
internal sealed record DnsRecord(
    string Type, string Name, string Value, int Ttl, string? Selector,
    DnsStatus Status, int Attempts, string? Error, DateTimeOffset? Checked, string? Found)
{
    private const int LongestText = 1000;

    public static DnsRecord Dmarc => New("TXT", "_dmarc", "v=DMARC1; p=none");

    [JsonIgnore]
    public DnsRecordKey Key => new(Type, Name, Value);

    [JsonIgnore]
    public DnsPurpose Purpose => (Type, Selector, Name) switch
    {
        ("MX", _, _) => DnsPurpose.Mx,
        ("CNAME", _, _) => DnsPurpose.Tracking,
        (_, not null, _) => DnsPurpose.Dkim,
        (_, _, "_dmarc") => DnsPurpose.Dmarc,
        _ => DnsPurpose.Spf,
    };

    // A server of the tenant's own that takes its mail most likely sends it too.
    public static DnsRecord Spf(MailHosting hosting, DnsOptions dns) =>
        New("TXT", "@", hosting == MailHosting.Platform ? $"v=spf1 include:{dns.SpfInclude} ~all" : "v=spf1 mx ~all");

    public static DnsRecord Dkim(string selector, RSA key) =>
        New("TXT", $"{selector}._domainkey", $"v=DKIM1; k=rsa; p={Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())}", selector);

    public static DnsRecord Mx(MailHosting hosting, string domain, DnsOptions dns) =>
        New("MX", "@", $"10 {(hosting == MailHosting.Platform ? dns.MailExchanger : $"mail.{domain}")}");

    public static DnsRecord Tracking(string host, DnsOptions dns) => New("CNAME", host, dns.TrackingTarget);

    public string NameIn(string domain) => Name == "@" ? domain : $"{Name}.{domain}";

    public DnsRecord With(DnsFinding finding, DateTimeOffset now) =>
        this with { Status = finding.Status, Error = Storable(finding.Error), Found = Storable(finding.Found), Checked = now, Attempts = Attempts + 1 };

    // Whoever owns a zone writes what he likes into it: here it is only shown, and must not be too much, or what JSON in the database refuses.
    private static string? Storable(string? text)
    {
        var shown = text is null ? null : string.Concat(text.Where(letter => !char.IsControl(letter))).Replace(@"\u0000", "\uFFFD", StringComparison.Ordinal);
        return shown?.Length > LongestText ? shown[..LongestText] : shown;
    }

    private static DnsRecord New(string type, string name, string value, string? selector = null) =>
        new(type, name, value, 3600, selector, DnsStatus.Pending, 0, null, null, null);
}
