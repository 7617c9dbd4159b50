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
}

/// <summary>A record that the tenant publishes, and what the last check found.</summary>
/// <param name="Name">Relative to the domain, as DNS consoles ask for it: <c>@</c> is the domain itself.</param>
/// <param name="Ttl">Seconds.</param>
/// <param name="Selector">Of the DKIM record only.</param>
internal sealed record DnsRecord(
    string Type, string Name, string Value, int Ttl, string? Selector,
    DnsStatus Status, int Attempts, string? Error, DateTimeOffset? Checked)
{
    public const string DkimSelector = "pm";

    [JsonIgnore]
    public DnsPurpose Purpose => (Type, Selector, Name) switch
    {
        ("MX", _, _) => DnsPurpose.Mx,
        (_, not null, _) => DnsPurpose.Dkim,
        (_, _, "_dmarc") => DnsPurpose.Dmarc,
        _ => DnsPurpose.Spf,
    };

    /// <summary>What a new domain publishes.</summary>
    public static IReadOnlyList<DnsRecord> ToPublish(RSA dkimKey, DnsOptions dns) =>
    [
        New("TXT", "@", $"v=spf1 include:{dns.SpfInclude} ~all"),
        New("TXT", $"{DkimSelector}._domainkey", $"v=DKIM1; k=rsa; p={Convert.ToBase64String(dkimKey.ExportSubjectPublicKeyInfo())}", DkimSelector),
        New("TXT", "_dmarc", "v=DMARC1; p=none"),
        New("MX", "@", $"10 {dns.MailExchanger}"),
    ];

    public string NameIn(string domain) => Name == "@" ? domain : $"{Name}.{domain}";

    public DnsRecord Found(DnsStatus status, string? error, DateTimeOffset now) =>
        this with { Status = status, Error = error, Checked = now, Attempts = Attempts + 1 };

    private static DnsRecord New(string type, string name, string value, string? selector = null) =>
        new(type, name, value, 3600, selector, DnsStatus.Pending, 0, null, null);
}
