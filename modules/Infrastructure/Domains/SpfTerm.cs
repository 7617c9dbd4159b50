using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace PenguinMails.Infrastructure.Domains;

/// <summary>One term of an SPF record (RFC 7208, 4.6.1).</summary>
/// <param name="Name">Lower case.</param>
/// <param name="Passes">Whether what it matches may send: it has no qualifier, or <c>+</c>.</param>
/// <param name="Target">The domain it names; null: the domain of the record itself.</param>
internal sealed partial record SpfTerm(string Name, bool Passes, string? Target)
{
    /// <summary>Whether it counts towards the lookups that receivers allow (RFC 7208, 4.6.4).</summary>
    public bool NeedsLookup => Name is "include" or "a" or "mx" or "ptr" or "exists" or "redirect";

    /// <summary>Whether the name depends on the message, so that nobody can look it up beforehand.</summary>
    public bool IsMacro => Target?.Contains('%') == true;

    /// <returns>Null for what is no term.</returns>
    public static SpfTerm? Parse(string text)
    {
        if (Modifier().Match(text) is { Success: true } modifier)
        {
            var (name, value) = (modifier.Groups["name"].Value.ToLowerInvariant(), modifier.Groups["value"].Value);
            return name is not ("redirect" or "exp") || IsDomain(value) ? new SpfTerm(name, false, value) : null;
        }

        var mechanism = Mechanism().Match(text);
        var kind = mechanism.Groups["name"].Value.ToLowerInvariant();
        var argument = mechanism.Groups["argument"].Value;
        var isRight = mechanism.Success && kind switch
        {
            "all" => argument == "",
            "include" or "exists" => argument.StartsWith(':') && IsDomain(argument[1..]),
            "ptr" => argument == "" || (argument.StartsWith(':') && IsDomain(argument[1..])),
            "a" or "mx" => Hosts().Match(argument) is { Success: true } hosts && IsHosts(hosts),
            "ip4" => IsNetwork(argument, AddressFamily.InterNetwork, 32),
            "ip6" => IsNetwork(argument, AddressFamily.InterNetworkV6, 128),
            _ => false,
        };
        return isRight ? new SpfTerm(kind, mechanism.Groups["qualifier"].Value is "" or "+", TargetOf(kind, argument)) : null;
    }

    private static string? TargetOf(string kind, string argument) => kind is "ip4" or "ip6" || !argument.StartsWith(':')
        ? null
        : (kind is "a" or "mx" ? Hosts().Match(argument).Groups["domain"].Value : argument[1..]).TrimEnd('.').ToLowerInvariant();

    private static bool IsHosts(Match hosts) =>
        (!hosts.Groups["domain"].Success || IsDomain(hosts.Groups["domain"].Value))
        && IsLength(hosts.Groups["length4"], 32) && IsLength(hosts.Groups["length6"], 128);

    private static bool IsLength(Group length, int most) => !length.Success || int.Parse(length.Value) <= most;

    private static bool IsNetwork(string argument, AddressFamily family, int most) =>
        Network().Match(argument) is { Success: true } network && IsLength(network.Groups["length"], most)
        && IPAddress.TryParse(network.Groups["address"].Value, out var address) && address.AddressFamily == family
        // Short forms such as 10.1 are addresses to others.
        && (family == AddressFamily.InterNetworkV6 || network.Groups["address"].Value.Count(letter => letter == '.') == 3);

    private static bool IsDomain(string text) => text.Contains('%') ? Macro().IsMatch(text) : Domain().IsMatch(text);

    [GeneratedRegex(@"^(?<name>[a-z][a-z0-9._-]*)=(?<value>[!-~]*)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Modifier();

    [GeneratedRegex(@"^(?<qualifier>[+?~-]?)(?<name>[a-z0-9]+)(?<argument>[:/][!-~]*)?\z", RegexOptions.IgnoreCase)]
    private static partial Regex Mechanism();

    [GeneratedRegex(@"^(:(?<domain>[^/]+))?(/(?<length4>\d{1,3}))?(//(?<length6>\d{1,3}))?\z")]
    private static partial Regex Hosts();

    [GeneratedRegex(@"^:(?<address>[0-9a-fA-F:.]+)(/(?<length>\d{1,3}))?\z")]
    private static partial Regex Network();

    [GeneratedRegex(@"^([a-z0-9_-]{1,63}\.)+(?!\d+\.?\z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.?\z", RegexOptions.IgnoreCase)]
    private static partial Regex Domain();

    [GeneratedRegex(@"^(%\{[slodiphcrtv][0-9]*r?[.+,/_=-]*\}|%%|%_|%-|[!-$&-~])+\z", RegexOptions.IgnoreCase)]
    private static partial Regex Macro();
}
