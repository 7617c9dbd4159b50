using System.Globalization;
using Microsoft.Extensions.Options;

namespace PenguinMails.Infrastructure.Servers;

/// <summary>
/// Servers of Hostwinds (developers.hostwinds.com/cloud). They have no key to make an order unique: a server is found again by its name.
/// </summary>
internal sealed class HostwindsProvider(HostwindsApi api, IOptions<HostwindsOptions> options) : IServerProvider
{
    public ServerProviderKind Kind => ServerProviderKind.Hostwinds;

    public bool HasRegion(string region) => options.Value.Regions.ContainsKey(region);

    public async Task<IReadOnlyList<ProviderServer>> ListAsync(CancellationToken ct) =>
        HostwindsAnswer.ServersOf(await api.ReadAsync("get_instances", ct))
        ?? throw new ServerProviderException("Hostwinds answered something else than a list of servers.", isUndone: true);

    public async Task<string?> CreateAsync(VpsInstance server, CancellationToken ct)
    {
        var location = options.Value.Regions.TryGetValue(server.Region ?? "", out var id)
            ? id
            : throw new ServerProviderException($"Hostwinds:Regions has no '{server.Region}'.", isUndone: true);
        await api.ChangeAsync(
            "add_instance",
            [
                new("template", options.Value.Template!),
                new("rid", options.Value.ResourceId!.Value.ToString(CultureInfo.InvariantCulture)),
                new("location_id", location.ToString(CultureInfo.InvariantCulture)),
                new("qty", "1"),
                new("srvrname", server.Name),
                new("billingcycle", "monthly"),
                .. options.Value.SshKeys.Select(key => new KeyValuePair<string, string>("keys[]", key)),
            ], ct);
        // "Server is being Created!" is all it says.
        return null;
    }

    public Task DeleteAsync(string instanceId, CancellationToken ct) => api.ChangeAsync("terminate", [new("serviceid", instanceId)], ct);
}
