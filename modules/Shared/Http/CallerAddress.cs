using System.Net;

namespace PenguinMails.Shared.Http;

/// <summary>Addresses as they are counted and kept.</summary>
public static class CallerAddress
{
    /// <summary>A socket for both families shows IPv4 as ::ffff:a.b.c.d: the same address must not count as two.</summary>
    public static IPAddress? Unmapped(this IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
}
