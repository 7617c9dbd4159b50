using FastEndpoints;
using PenguinMails.Infrastructure.Pools;
using PenguinMails.Shared.Http;

namespace PenguinMails.Infrastructure.Features.Pools;

/// <summary>GET /staff/connection-pools/recommendations: what is advised on the pools as they are now. They are few: always one page.</summary>
internal static class ListPoolRecommendations
{
    /// <param name="RecommendedMaxConnections">What applying it sets; null where there is nothing to apply.</param>
    internal sealed record Item(
        Guid PoolId, string Tier, string PoolName, string Advice, int MaxConnections, int? RecommendedMaxConnections, DateTimeOffset Analysed);

    internal sealed class Endpoint(PoolOverview overview) : EndpointWithoutRequest<Page<Item>>
    {
        public override void Configure()
        {
            Get("/staff/connection-pools/recommendations");
            Policies(Staff.Contracts.Permissions.PoolsRead);
        }

        public override async Task<Page<Item>> ExecuteAsync(CancellationToken ct)
        {
            var items = from pool in await overview.ReadAsync(id: null, ct)
                        where pool.Recommendation is not null
                        let advice = pool.Recommendation
                        select new Item(
                            pool.Id, pool.Tier, pool.PoolName, advice.Advice, pool.MaxConnections, advice.MaxConnections, advice.Analysed);
            return new Page<Item>([.. items], null);
        }
    }
}
