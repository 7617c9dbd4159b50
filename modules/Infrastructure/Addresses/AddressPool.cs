using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PenguinMails.Infrastructure.Data;

namespace PenguinMails.Infrastructure.Addresses;

/// <summary>What the life of a server means for its addresses.</summary>
internal sealed class AddressPool(AddressPlaces places, TimeProvider clock, ILogger<AddressPool> log)
{
    /// <summary>Takes a server's addresses into the pool; those that are in it already stay as they are. The caller saves.</summary>
    /// <param name="platform">Under the platform's role.</param>
    /// <param name="dedicatedTenantId">The only tenant they will serve; null: they are shared.</param>
    public async Task AddAsync(
        InfrastructureDb platform, Guid vpsInstanceId, IReadOnlyCollection<string> addresses, CancellationToken ct, Guid? dedicatedTenantId = null)
    {
        var known = await platform.SmtpIpAddresses
            .Where(address => addresses.Contains(address.IpAddress) && address.Status != AddressStatus.Burned)
            .Select(address => address.IpAddress).ToListAsync(ct);
        if (known.Count > 0)
        {
            log.LogWarning("Server {ServerId} has {Addresses}, which another server holds: they stay there", vpsInstanceId, known);
        }

        platform.SmtpIpAddresses.AddRange(
            addresses.Except(known).Select(address => SmtpIpAddress.Provision(vpsInstanceId, address, dedicatedTenantId)));
    }

    /// <summary>
    /// Moves every domain off a server's addresses, as far as other servers' addresses have room: one that finds none stays. Each move is
    /// durable by itself.
    /// </summary>
    /// <returns>Whether no domain uses them any more.</returns>
    public async Task<bool> ClearAsync(InfrastructureDb platform, Guid vpsInstanceId, string reason, CancellationToken ct)
    {
        log.LogInformation("Domains leave the addresses of server {ServerId}: {Reason}", vpsInstanceId, reason);
        var isClear = true;
        foreach (var address in await platform.SmtpIpAddresses.AsNoTracking().Where(address => address.VpsInstanceId == vpsInstanceId).ToListAsync(ct))
        {
            isClear &= await places.ClearAsync(address, stay: true, ct);
        }

        return isClear;
    }

    /// <summary>
    /// Retires the addresses of a server that is given back: they are burned, and may come again with another server. The caller saves.
    /// </summary>
    public async Task RetireAsync(InfrastructureDb platform, Guid vpsInstanceId, CancellationToken ct)
    {
        foreach (var address in await platform.SmtpIpAddresses
            .Where(address => address.VpsInstanceId == vpsInstanceId && address.Status != AddressStatus.Burned).ToListAsync(ct))
        {
            address.Burn("Its server is given back.", clock.GetUtcNow());
        }
    }
}
