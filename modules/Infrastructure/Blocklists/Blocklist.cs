using System.Net;
using System.Net.Sockets;

namespace PenguinMails.Infrastructure.Blocklists;

internal enum BlocklistKind
{
    Address,
    Domain,
}

/// <summary>A list that is asked over DNS (RFC 5782), and what its answers mean.</summary>
internal sealed record Blocklist
{
    /// <summary>The key of its listings; constant.</summary>
    public string Name { get; init; } = "";

    public string Zone { get; init; } = "";
    public BlocklistKind Kind { get; init; }

    /// <summary>Whether who is on it sends to no customer's recipients any more.</summary>
    public bool Quarantines { get; init; }

    /// <summary>Codes that say what an address is for, not what it did: listed, but never a reason to quarantine.</summary>
    public string[] PolicyCodes { get; init; } = [];

    /// <summary>Codes by which this list says that it does not answer, besides those that all use.</summary>
    public string[] ErrorCodes { get; init; } = [];

    /// <summary>A domain that is always listed. RFC 5782 names TEST, which not every list has.</summary>
    public string TestDomain { get; init; } = "test";

    /// <summary>Those that are asked where the options name none.</summary>
    public static readonly IReadOnlyList<Blocklist> Usual =
    [
        // PBL: an address that its owner does not send mail from, by its own word or its provider's.
        new() { Name = "spamhaus_zen", Zone = "zen.spamhaus.org", Quarantines = true, PolicyCodes = ["127.0.0.10", "127.0.0.11"] },
        new() { Name = "barracuda", Zone = "b.barracudacentral.org" },
        new() { Name = "spamcop", Zone = "bl.spamcop.net" },
        new()
        {
            Name = "spamhaus_dbl", Zone = "dbl.spamhaus.org", Kind = BlocklistKind.Domain, Quarantines = true,
            // "IP queries prohibited"
            ErrorCodes = ["127.0.1.255"], TestDomain = "dbltest.com",
        },
        new() { Name = "surbl", Zone = "multi.surbl.org", Kind = BlocklistKind.Domain, TestDomain = "test.surbl.org" },
        new() { Name = "uribl", Zone = "multi.uribl.com", Kind = BlocklistKind.Domain, TestDomain = "test.uribl.com" },
    ];

    /// <summary>What must be listed, and what must not, or the list is not to be trusted (RFC 5782, 5).</summary>
    public (string Listed, string Unlisted) TestPoints => Kind == BlocklistKind.Address ? ("127.0.0.2", "127.0.0.1") : (TestDomain, "invalid");

    /// <summary>The name in DNS that tells of an address or a domain.</summary>
    public string NameOf(string subject) => $"{(Kind == BlocklistKind.Address ? Reversed(IPAddress.Parse(subject)) : subject)}.{Zone}";

    /// <summary>What the addresses mean that DNS answered with.</summary>
    public Verdict Read(IReadOnlyList<IPAddress> answers)
    {
        var codes = answers.Select(answer => answer.ToString()).Order(StringComparer.Ordinal).ToList();
        if (codes.Find(IsError) is { } error)
        {
            return Verdict.Unknown($"{Zone} answered {error}, which is no listing: {MeaningOf(error)}.");
        }

        // Where it is listed for what it did too, that counts.
        return codes.Count == 0 ? Verdict.NotListed : new Verdict(true, codes.Find(code => !PolicyCodes.Contains(code)) ?? codes[0], null);
    }

    /// <summary>Whether a listing of this code means quarantine.</summary>
    public bool QuarantinesFor(string? code) => Quarantines && !PolicyCodes.Contains(code);

    // URIBL and SURBL refuse with 127.0.0.1, which nobody lists with; what is not in 127.0.0.0/8 comes from a resolver that makes answers up.
    private bool IsError(string code) =>
        code is "127.0.0.1" || ErrorCodes.Contains(code) || code.StartsWith("127.255.255.", StringComparison.Ordinal)
        || !code.StartsWith("127.", StringComparison.Ordinal);

    private static string MeaningOf(string code) => code switch
    {
        "127.255.255.252" => "the list's name is mistyped",
        "127.255.255.254" => "it does not answer public resolvers",
        "127.255.255.255" => "too many queries",
        _ when code.StartsWith("127.", StringComparison.Ordinal) => "it does not answer this resolver",
        _ => "the resolver makes answers up",
    };

    private static string Reversed(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? string.Join('.', address.GetAddressBytes().Reverse())
        : string.Join('.', Convert.ToHexStringLower(address.GetAddressBytes()).Reverse());
}

/// <summary>What a blocklist says of one subject.</summary>
/// <param name="IsListed">Null: nothing is known.</param>
/// <param name="Fault">For people: why nothing is known.</param>
internal sealed record Verdict(bool? IsListed, string? Code, string? Fault)
{
    public static readonly Verdict NotListed = new(false, null, null);

    public static Verdict Unknown(string fault) => new(null, null, fault);
}
