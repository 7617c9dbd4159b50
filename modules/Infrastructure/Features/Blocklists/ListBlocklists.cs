using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Blocklists;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;

namespace PenguinMails.Infrastructure.Features.Blocklists;

/// <summary>GET /staff/blocklists: the lists that are asked, and how each did in its last self-test. They are few: always one page.</summary>
internal static class ListBlocklists
{
    /// <param name="IsUsable">Null before the first self-test.</param>
    /// <param name="Fault">Why it is ignored.</param>
    internal sealed record Item(
        string Name, string Zone, BlocklistKind Kind, bool Quarantines, bool? IsUsable, string? Fault, DateTimeOffset? Checked);

    internal sealed class Endpoint(PlatformDb<InfrastructureDb> platform, IOptions<BlocklistOptions> options) : EndpointWithoutRequest<Page<Item>>
    {
        public override void Configure()
        {
            Get("/staff/blocklists");
            Policies(Staff.Contracts.Permissions.InfrastructureRead);
        }

        public override async Task<Page<Item>> ExecuteAsync(CancellationToken ct)
        {
            await using var db = platform.Open("staff.blocklists");
            var states = await db.Blocklists.AsNoTracking().ToDictionaryAsync(state => state.Name, ct);
            return new Page<Item>([.. options.Value.InUse.Select(list => ItemOf(list, states.GetValueOrDefault(list.Name)))], null);
        }

        private static Item ItemOf(Blocklist list, BlocklistState? state) => new(
            list.Name, list.Zone, list.Kind, list.Quarantines, state is null ? null : state.Fault is null, state?.Fault, state?.Checked);
    }
}
