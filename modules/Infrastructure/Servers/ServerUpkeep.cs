using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Infrastructure.Servers;

/// <summary>
/// Brings our servers and their providers' together: builds what is ordered, notes what changed, moves billing periods on, and gives
/// back what is due. What a provider does not do is noted on its server, and tried again the next time.
/// </summary>
internal sealed class ServerUpkeep(
    PlatformDb<InfrastructureDb> platform, IEnumerable<IServerProvider> providers, ServerOrder order, ServerReturn giveBack, AddressPool pool,
    ServerNotices notices, TimeProvider clock)
{
    private const string Purpose = "servers";

    /// <summary>Does all of it once, for each provider that is configured.</summary>
    public async Task<IReadOnlyList<SyncReport>> RunAsync(CancellationToken ct)
    {
        var reports = new List<SyncReport>();
        await Sweep.EachApartAsync(providers, async provider => reports.Add(await RunAsync(provider, ct)), ct);
        return reports;
    }

    private async Task<SyncReport> RunAsync(IServerProvider provider, CancellationToken ct)
    {
        var report = new SyncReport(provider.Kind);
        var asked = clock.GetUtcNow();
        await using var db = platform.Open(Purpose);
        IReadOnlyList<ProviderServer> there;
        try
        {
            there = await provider.ListAsync(ct);
        }
        catch (ServerProviderException fault)
        {
            report.Fault = fault.Message;
            await db.VpsInstances.Where(server => server.Provider == provider.Kind && server.Status != VpsStatus.Decommissioned)
                .ExecuteUpdateAsync(set => set.SetProperty(server => server.LastError, fault.Message), ct);
            await notices.ProviderFailedAsync(provider.Kind, fault.Message, ct);
            return report;
        }

        var ours = await db.VpsInstances.AsNoTracking().Where(server => server.Provider == provider.Kind).ToListAsync(ct);
        report.Seen = there.Count;
        report.Unknown.AddRange(there.Where(one => !ours.Any(server => IsSame(server, one)))
            .Select(one => new SyncReport.Stranger(one.Id, one.Name, one.Addresses)));
        await Sweep.EachApartAsync(
            ours.Where(server => server.Status != VpsStatus.Decommissioned),
            server => KeepAsync(server.Id, provider, there.FirstOrDefault(one => IsSame(server, one)), asked, report, ct), ct);
        return report;
    }

    private async Task KeepAsync(
        Guid id, IServerProvider provider, ProviderServer? found, DateTimeOffset asked, SyncReport report, CancellationToken ct)
    {
        await using var db = platform.Open(Purpose);
        if (await db.VpsInstances.SingleOrDefaultAsync(row => row.Id == id, ct) is not { Status: not VpsStatus.Decommissioned } server)
        {
            return;
        }

        try
        {
            string? problem;
            try
            {
                problem = server.Status == VpsStatus.Provisioning ? await order.GoOnAsync(db, server, provider, found, report, ct)
                    : server.IsDue(clock.GetUtcNow()) ? await giveBack.GoOnAsync(db, server, provider, found, report, ct)
                    : await FollowAsync(db, server, found, asked, report, ct);
            }
            catch (ServerProviderException fault)
            {
                problem = fault.Message;
            }

            await notices.NoteAsync(server, problem, report, ct);
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Staff, a payment or another run changed it meanwhile: the next run sees how it is then.
        }
    }

    private async Task<string?> FollowAsync(
        InfrastructureDb db, VpsInstance server, ProviderServer? found, DateTimeOffset asked, SyncReport report, CancellationToken ct)
    {
        if (server.Renew(clock.GetUtcNow()))
        {
            report.Changes.Add(new(server.Id, "A billing period has begun."));
        }

        if (found is null)
        {
            // One that another run has just made active cannot be in an older list.
            return server.Activated > asked ? server.LastError : "The provider has no such server any more.";
        }

        if (server.Saw(found, clock.GetUtcNow()))
        {
            report.Changes.Add(new(server.Id, $"Its main address is {server.IpAddress} now."));
        }

        // An address that this server has burned does not come again with it.
        var known = await db.SmtpIpAddresses.AsNoTracking().Where(address => address.VpsInstanceId == server.Id).ToListAsync(ct);
        await pool.AddAsync(db, server.Id, [.. found.Addresses.Except(known.Select(address => address.IpAddress))], ct, server.DedicatedTenantId);
        var lost = known.Where(address => address.Status != AddressStatus.Burned && !found.Addresses.Contains(address.IpAddress)).ToList();
        return lost.Count == 0
            ? found.Problem
            : $"The provider no longer has {string.Join(", ", lost.Select(address => address.IpAddress))} on it.";
    }

    private static bool IsSame(VpsInstance server, ProviderServer one) =>
        server.HostwindsInstanceId is { } id ? id == one.Id : server.Name == one.Name;
}
