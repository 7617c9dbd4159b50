using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Pools;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;

namespace PenguinMails.Infrastructure.Features.Pools;

/// <summary>PUT /staff/connection-pools/{id}: sets a pool's values, and the live pools follow.</summary>
internal static class UpdateConnectionPool
{
    /// <param name="MaxConnections">On each host.</param>
    /// <param name="ConnectionTimeoutSeconds">Of this and the acquire timeout the shorter holds.</param>
    /// <param name="LeakDetectionThresholdSeconds">0: half an hour.</param>
    internal sealed record Request(
        Guid Id, int MinConnections, int MaxConnections, int ConnectionTimeoutSeconds, int AcquireTimeoutSeconds, int IdleTimeoutSeconds,
        int MaxLifetimeSeconds, int LeakDetectionThresholdSeconds, bool? IsActive)
    {
        public PoolValues ToValues() => new(
            MinConnections, MaxConnections, ConnectionTimeoutSeconds, AcquireTimeoutSeconds, IdleTimeoutSeconds, MaxLifetimeSeconds,
            LeakDetectionThresholdSeconds, IsActive!.Value);
    }

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.MaxConnections).InclusiveBetween(1, 1000);
            RuleFor(request => request.MinConnections).GreaterThanOrEqualTo(0);
            RuleFor(request => request.MinConnections).LessThanOrEqualTo(request => request.MaxConnections)
                .WithMessage("'minConnections' must not be above 'maxConnections'.");
            RuleFor(request => request.ConnectionTimeoutSeconds).InclusiveBetween(1, PoolSettings.LongestTimeoutSeconds);
            RuleFor(request => request.AcquireTimeoutSeconds).InclusiveBetween(1, PoolSettings.LongestTimeoutSeconds);
            RuleFor(request => request.IdleTimeoutSeconds).InclusiveBetween(1, PoolSettings.LongestIdleSeconds);
            RuleFor(request => request.MaxLifetimeSeconds).InclusiveBetween(1, 7 * 86_400);
            RuleFor(request => request.LeakDetectionThresholdSeconds).InclusiveBetween(0, 86_400);
            RuleFor(request => request.IsActive).NotNull();
        }
    }

    internal sealed class Endpoint(PlatformDb<InfrastructureDb> platform, PoolChange change)
        : Endpoint<Request, Results<Ok<PoolResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Put("/staff/connection-pools/{id}");
            Policies(Staff.Contracts.Permissions.PoolsManage);
        }

        public override async Task<Results<Ok<PoolResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (request.IsActive is false && await IsPrimaryAsync(request.Id, ct))
            {
                return Problems.Unprocessable("isActive", "The primary pool stays: it lends to whoever asks for one that is not active.");
            }

            return await change.ApplyAsync(request.Id, "pools.update", _ => request.ToValues(), ct) is { } pool
                ? TypedResults.Ok(pool)
                : Problems.NotFound("Connection pool");
        }

        private async Task<bool> IsPrimaryAsync(Guid id, CancellationToken ct)
        {
            await using var db = platform.Open("staff.pools");
            var (tier, name) = PoolName.Primary;
            return await db.ConnectionPools.AnyAsync(pool => pool.Id == id && pool.Tier == tier && pool.PoolName == name, ct);
        }
    }
}
