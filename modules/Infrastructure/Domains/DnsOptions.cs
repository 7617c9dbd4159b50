using System.ComponentModel.DataAnnotations;
using System.Net;

namespace PenguinMails.Infrastructure.Domains;

/// <summary>Section <c>Dns</c>.</summary>
internal sealed record DnsOptions : IValidatableObject
{
    private const int DnsPort = 53;

    /// <summary>Address and port, <c>127.0.0.1:5353</c>; the machine's own resolvers where absent.</summary>
    public string? Resolver { get; init; }

    [Range(1, 60)]
    public int TimeoutSeconds { get; init; } = 5;

    /// <summary>Top-level names whose domains verify unasked; in Development <c>test</c>, which is in no DNS (RFC 6761).</summary>
    public string[] TrustedSuffixes { get; init; } = [];

    /// <summary>The platform's SPF record, which domains include.</summary>
    [Required]
    public string SpfInclude { get; init; } = "_spf.penguinmails.com";

    /// <summary>The host that takes the platform's incoming mail.</summary>
    [Required]
    public string MailExchanger { get; init; } = "mx.penguinmails.com";

    public IPEndPoint? ResolverEndPoint =>
        Resolver is not null && IPEndPoint.TryParse(Resolver, out var given)
            ? new IPEndPoint(given.Address, given.Port == 0 ? DnsPort : given.Port)
            : null;

    public bool Trusts(string domain) => TrustedSuffixes.Any(suffix => domain.EndsWith($".{suffix}", StringComparison.OrdinalIgnoreCase));

    public IEnumerable<ValidationResult> Validate(ValidationContext context)
    {
        if (Resolver is not null && ResolverEndPoint is null)
        {
            yield return new ValidationResult("Dns:Resolver must be an address and a port, such as 127.0.0.1:53.", [nameof(Resolver)]);
        }
    }
}
