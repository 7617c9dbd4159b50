using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Infrastructure.Pools;
using PenguinMails.Shared.Http;

namespace PenguinMails.Infrastructure.Features.Pools;

/// <summary>POST /staff/connection-pools/{id}/apply-recommendation: gives a pool the size that is advised.</summary>
internal static class ApplyPoolRecommendation
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(PoolOverview overview, PoolChange change) : Endpoint<Request, Results<Ok<PoolResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/connection-pools/{id}/apply-recommendation");
            Policies(Staff.Contracts.Permissions.PoolsManage);
        }

        public override async Task<Results<Ok<PoolResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if ((await overview.ReadAsync(request.Id, ct)).SingleOrDefault() is not { } pool)
            {
                return Problems.NotFound("Connection pool");
            }

            if (pool.Recommendation?.MaxConnections is not { } size)
            {
                return Problems.Conflict("Nothing is advised that could be applied to the pool as it is now.");
            }

            var changed = await change.ApplyAsync(
                request.Id, "pools.apply_recommendation", values => values with { MaxConnections = size }, ct);
            return changed is null ? Problems.NotFound("Connection pool") : TypedResults.Ok(changed);
        }
    }
}
