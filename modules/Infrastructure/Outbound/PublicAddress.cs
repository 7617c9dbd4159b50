using System.Net;
using System.Net.Sockets;

namespace PenguinMails.Infrastructure.Outbound;

/// <summary>
/// Which addresses lie on the public internet, by IANA's registries of special-purpose addresses. Of IPv6 only 2000::/3 does: that
/// leaves out loopback, IPv4-compatible, local-use NAT64 (64:ff9b:1::/48), unique local, link-local, site-local, multicast, SRv6 and
/// what is not given out.
/// </summary>
internal static class PublicAddress
{
    private static readonly IPNetwork[] Special4 = Networks(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        // Azure's metadata and DNS, though of a public range.
        "168.63.129.16/32");

    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");
    // Teredo, ORCHID and the like; documentation; 6to4, which is an IPv4 address in disguise; documentation.
    private static readonly IPNetwork[] Special6 = Networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    public static bool Is(IPAddress address)
    {
        var reached = Reached(address);
        return reached.AddressFamily == AddressFamily.InterNetwork
            ? !Special4.Any(network => network.Contains(reached))
            : Global6.Contains(reached) && !Special6.Any(network => network.Contains(reached));
    }

    /// <summary>Where packets to an address end: IPv4-mapped and NAT64 addresses are an IPv4 one in disguise.</summary>
    public static IPAddress Reached(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address.AddressFamily == AddressFamily.InterNetworkV6 && Nat64.Contains(address) ? new IPAddress(address.GetAddressBytes()[12..])
        : address;

    private static IPNetwork[] Networks(params string[] networks) => [.. networks.Select(network => IPNetwork.Parse(network))];
}
