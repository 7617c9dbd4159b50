using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Infrastructure.Pools;
using PenguinMails.Shared.Http;

namespace PenguinMails.Infrastructure.Features.Pools;

/// <summary>GET /staff/connection-pools/{id}: a pool with its newest samples and what is advised.</summary>
internal static class GetConnectionPool
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(PoolOverview overview) : Endpoint<Request, Results<Ok<PoolResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/staff/connection-pools/{id}");
            Policies(Staff.Contracts.Permissions.PoolsRead);
        }

        public override async Task<Results<Ok<PoolResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            (await overview.ReadAsync(request.Id, ct)).SingleOrDefault() is { } pool ? TypedResults.Ok(pool) : Problems.NotFound("Connection pool");
    }
}
