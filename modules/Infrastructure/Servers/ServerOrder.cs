using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Data;

namespace PenguinMails.Infrastructure.Servers;

/// <summary>Gets an ordered server built, and only one.</summary>
internal sealed class ServerOrder(AddressPool pool, TimeProvider clock)
{
    /// <param name="found">Null where the provider has none yet.</param>
    /// <returns>What keeps it from going on; null where nothing does.</returns>
    public async Task<string?> GoOnAsync(
        InfrastructureDb db, VpsInstance server, IServerProvider provider, ProviderServer? found, SyncReport report, CancellationToken ct)
    {
        if (found is null)
        {
            return await AskAsync(db, server, provider, report, ct);
        }

        server.Adopt(found.Id);
        if (server.Activate(found, clock.GetUtcNow()))
        {
            await pool.AddAsync(db, server.Id, found.Addresses, ct, server.DedicatedTenantId);
            report.Changes.Add(new(server.Id, "It is active."));
        }

        return found.Problem;
    }

    private async Task<string?> AskAsync(
        InfrastructureDb db, VpsInstance server, IServerProvider provider, SyncReport report, CancellationToken ct)
    {
        var isRepeated = server.CreateRequested is not null;
        if (!server.AskFor(clock.GetUtcNow()))
        {
            return server.LastError;
        }

        // Before the provider hears of it: whoever comes to it after a crash knows that it may have been asked.
        await db.SaveChangesAsync(ct);
        try
        {
            server.Adopt(await provider.CreateAsync(server, ct));
            report.Changes.Add(new(server.Id, "The provider was asked for it."));
            return isRepeated ? "The provider was asked again: it has shown no such server since the first time." : null;
        }
        catch (ServerProviderException fault)
        {
            if (fault.IsUndone)
            {
                server.WasRefused();
            }

            return fault.Message;
        }
    }
}
