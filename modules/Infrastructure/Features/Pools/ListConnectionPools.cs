using FastEndpoints;
using PenguinMails.Infrastructure.Pools;
using PenguinMails.Shared.Http;

namespace PenguinMails.Infrastructure.Features.Pools;

/// <summary>GET /staff/connection-pools: each with its newest samples and what is advised. They are few: always one page.</summary>
internal static class ListConnectionPools
{
    internal sealed class Endpoint(PoolOverview overview) : EndpointWithoutRequest<Page<PoolResponse>>
    {
        public override void Configure()
        {
            Get("/staff/connection-pools");
            Policies(Staff.Contracts.Permissions.PoolsRead);
        }

        public override async Task<Page<PoolResponse>> ExecuteAsync(CancellationToken ct) => new(await overview.ReadAsync(id: null, ct), null);
    }
}
