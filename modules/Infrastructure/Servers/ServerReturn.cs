using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Data;

namespace PenguinMails.Infrastructure.Servers;

/// <summary>Gives a server back whose date has come, once no domain needs it.</summary>
internal sealed class ServerReturn(AddressPool pool, TimeProvider clock)
{
    /// <summary>Moves domains off, retires the addresses and deletes the server.</summary>
    /// <param name="found">Null where the provider has none any more.</param>
    /// <returns>What keeps it from going; null where nothing does.</returns>
    public async Task<string?> GoOnAsync(
        InfrastructureDb db, VpsInstance server, IServerProvider provider, ProviderServer? found, SyncReport report, CancellationToken ct)
    {
        if (await db.SmtpIpAddresses.AnyAsync(address => address.VpsInstanceId == server.Id && address.Status != AddressStatus.Burned, ct))
        {
            var isClear = await pool.ClearAsync(db, server.Id, server.DecommissionReason ?? "The server is given back.", ct);
            await db.SaveChangesAsync(ct);
            if (!isClear)
            {
                return "It is due, but other addresses have no room for all of its domains.";
            }

            await pool.RetireAsync(db, server.Id, ct);
            await db.SaveChangesAsync(ct);
        }

        if (found is not null)
        {
            await provider.DeleteAsync(found.Id, ct);
        }

        server.Decommission(clock.GetUtcNow());
        report.Changes.Add(new(server.Id, "It is decommissioned."));
        return null;
    }
}
