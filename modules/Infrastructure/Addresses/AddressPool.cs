using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;

namespace PenguinMails.Infrastructure.Addresses;

/// <summary>What the life of a server means for its addresses.</summary>
internal sealed class AddressPool
{
    /// <summary>Takes a server's addresses into the pool; those that are in it already stay as they are. The caller saves.</summary>
    /// <param name="platform">Under the platform's role.</param>
    public async Task AddAsync(InfrastructureDb platform, Guid vpsInstanceId, IReadOnlyCollection<string> addresses, CancellationToken ct)
    {
        var known = await platform.SmtpIpAddresses
            .Where(address => addresses.Contains(address.IpAddress) && address.Status != AddressStatus.Burned)
            .Select(address => address.IpAddress).ToListAsync(ct);
        platform.SmtpIpAddresses.AddRange(addresses.Except(known).Select(address => SmtpIpAddress.Provision(vpsInstanceId, address)));
    }

    /// <summary>Moves every domain off a server's addresses, as far as other addresses have room.</summary>
    /// <returns>Whether no domain uses them any more.</returns>
    public Task<bool> ClearAsync(InfrastructureDb platform, Guid vpsInstanceId, string reason, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Retires the addresses of a server that is given back: they are burned, and may come again with another server.</summary>
    public Task RetireAsync(InfrastructureDb platform, Guid vpsInstanceId, CancellationToken ct) =>
        throw new NotImplementedException();
}
