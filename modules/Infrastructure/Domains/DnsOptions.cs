using System.ComponentModel.DataAnnotations;
using System.Net;

namespace PenguinMails.Infrastructure.Domains;

/// <summary>Section <c>Dns</c>.</summary>
internal sealed record DnsOptions : IValidatableObject
{
    private const int DnsPort = 53;

    /// <summary>Addresses with ports, <c>127.0.0.1:5353, [::1]:53</c>; the machine's own resolvers where absent.</summary>
    public string? Resolver { get; init; }

    /// <summary>For one answer; a second try takes as long again.</summary>
    [Range(1, 60)]
    public int TimeoutSeconds { get; init; } = 5;

    /// <summary>Top-level names whose domains verify unasked; in Development <c>test</c>, which is in no DNS (RFC 6761).</summary>
    public string[] TrustedSuffixes { get; init; } = [];

    /// <summary>The platform's SPF record, which domains whose mail the platform hosts include.</summary>
    [Required]
    public string SpfInclude { get; init; } = "_spf.penguinmails.com";

    /// <summary>The host that takes the platform's incoming mail.</summary>
    [Required]
    public string MailExchanger { get; init; } = "mx.penguinmails.com";

    /// <summary>What tracking names of domains are an alias of.</summary>
    [Required]
    public string TrackingTarget { get; init; } = "track.penguinmails.com";

    public IPEndPoint[] Resolvers => [.. Addresses.Select(Parse).OfType<IPEndPoint>()];

    private string[] Addresses => Resolver?.Split(',', StringSplitOptions.TrimEntries) ?? [];

    public bool Trusts(string domain) => TrustedSuffixes.Any(suffix => domain.EndsWith($".{suffix}", StringComparison.OrdinalIgnoreCase));

    public IEnumerable<ValidationResult> Validate(ValidationContext context)
    {
        if (Addresses.Any(address => Parse(address) is null))
        {
            yield return new ValidationResult("Dns:Resolver must be addresses with ports, such as 127.0.0.1:53.", [nameof(Resolver)]);
        }
    }

    private static IPEndPoint? Parse(string address) =>
        IPEndPoint.TryParse(address, out var given) ? new IPEndPoint(given.Address, given.Port == 0 ? DnsPort : given.Port) : null;
}
