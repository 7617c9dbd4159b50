using FastEndpoints;
using PenguinMails.Infrastructure.Servers;
using PenguinMails.Shared.Http;

namespace PenguinMails.Infrastructure.Features.Servers;

/// <summary>POST /staff/servers/sync: does now what is done every five minutes, and tells by provider what it found.</summary>
internal static class SyncServers
{
    internal sealed class Endpoint(ServerUpkeep upkeep) : EndpointWithoutRequest<Page<SyncReport>>
    {
        public override void Configure()
        {
            Post("/staff/servers/sync");
            Policies(Staff.Contracts.Permissions.InfrastructureManage);
        }

        public override async Task<Page<SyncReport>> ExecuteAsync(CancellationToken ct) => new(await upkeep.RunAsync(ct), null);
    }
}
