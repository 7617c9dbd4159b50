using System.Net;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;

namespace PenguinMails.Infrastructure.Servers;

/// <summary>
/// Servers that are only made up, for who has no account. What was ordered is in our own table, so that every host and every restart
/// sees the same; the id holds the address.
/// </summary>
internal sealed class SimulatedProvider(PlatformDb<InfrastructureDb> platform) : IServerProvider
{
    private const string Prefix = "simulated-";
    private const uint Network = 198u << 24 | 18u << 16;

    public ServerProviderKind Kind => ServerProviderKind.Simulated;

    public bool HasRegion(string region) => true;

    public async Task<IReadOnlyList<ProviderServer>> ListAsync(CancellationToken ct)
    {
        await using var db = platform.Open("servers");
        var rows = await db.VpsInstances.AsNoTracking().Where(server => server.Provider == Kind
            && server.HostwindsInstanceId != null && server.Status != VpsStatus.Decommissioned).ToListAsync(ct);
        return [.. rows.Select(row => new ProviderServer(
            row.HostwindsInstanceId!, row.Name, [row.HostwindsInstanceId![Prefix.Length..]], IsReady: true, row.CreateRequested, Problem: null))];
    }

    public async Task<string?> CreateAsync(VpsInstance server, CancellationToken ct)
    {
        await using var db = platform.Open("servers");
        var number = await db.Database.SqlQuery<long>($"SELECT nextval('simulated_server_addresses') AS \"Value\"").SingleAsync(ct);
        var address = Network + (uint)number;
        return Prefix + new IPAddress([(byte)(address >> 24), (byte)(address >> 16), (byte)(address >> 8), (byte)address]);
    }

    public Task DeleteAsync(string instanceId, CancellationToken ct) => Task.CompletedTask;
}
