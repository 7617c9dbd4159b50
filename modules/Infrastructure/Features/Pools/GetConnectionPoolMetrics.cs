using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;

namespace PenguinMails.Infrastructure.Features.Pools;

/// <summary>GET /staff/connection-pools/{id}/metrics: a pool's history in even steps, for charts; steps without a sample are left out.</summary>
internal static class GetConnectionPoolMetrics
{
    private const int MostPoints = 1500;

    internal sealed record Request
    {
        public Guid Id { get; init; }

        /// <summary>A day before <c>to</c> where absent.</summary>
        [QueryParam]
        public DateTimeOffset? From { get; init; }

        /// <summary>Now where absent.</summary>
        [QueryParam]
        public DateTimeOffset? To { get; init; }

        /// <summary>minute, hour or day; minute where absent.</summary>
        [QueryParam]
        public string? Step { get; init; }
    }

    internal sealed record Response(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<Point> Points);

    /// <summary>One host's pool on the average of the step and of the hosts; the peaks are of the busiest.</summary>
    internal sealed record Point(
        DateTimeOffset At, double? ActiveAverage, int? ActivePeak, double? IdleAverage, int? PendingPeak, double? WaitTimeAvgMs,
        double? UsageRateAverage, double? UsageRatePeak, long Errors, long Exhaustions);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Step).Must(step => step is null or "minute" or "hour" or "day")
            .WithMessage("'step' is minute, hour or day.");
    }

    internal sealed class Endpoint(PlatformDb<InfrastructureDb> platform, TimeProvider clock)
        : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/staff/connection-pools/{id}/metrics");
            Policies(Staff.Contracts.Permissions.PoolsRead);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var to = (request.To ?? clock.GetUtcNow()).ToUniversalTime();
            var from = (request.From ?? to.AddDays(-1)).ToUniversalTime();
            var step = request.Step switch { "day" => TimeSpan.FromDays(1), "hour" => TimeSpan.FromHours(1), _ => TimeSpan.FromMinutes(1) };
            if (from >= to || (to - from) / step > MostPoints)
            {
                return Problems.Malformed("from", $"'from' must be before 'to', by at most {MostPoints} steps.");
            }

            await using var db = platform.Open("staff.pools");
            return await db.ConnectionPools.AnyAsync(pool => pool.Id == request.Id, ct)
                ? TypedResults.Ok(new Response(from, to, await PointsAsync(db, request.Id, from, to, step, ct)))
                : Problems.NotFound("Connection pool");
        }

        private static Task<List<Point>> PointsAsync(
            InfrastructureDb db, Guid id, DateTimeOffset from, DateTimeOffset to, TimeSpan step, CancellationToken ct) =>
            db.Database.SqlQuery<Point>($"""
                SELECT date_bin({step}, collected_at, {from}) AS at,
                       avg(active_connections)::float8 AS active_average,
                       max(active_connections) AS active_peak,
                       avg(idle_connections)::float8 AS idle_average,
                       max(pending_acquires) AS pending_peak,
                       avg(connection_wait_time_avg_ms)::float8 AS wait_time_avg_ms,
                       avg(connection_usage_rate)::float8 AS usage_rate_average,
                       max(connection_usage_rate)::float8 AS usage_rate_peak,
                       coalesce(sum(connection_errors_count), 0) AS errors,
                       coalesce(sum(pool_exhaustion_events), 0) AS exhaustions
                FROM connection_pool_metrics
                WHERE pool_config_id = {id} AND collected_at >= {from} AND collected_at < {to}
                GROUP BY 1
                """).OrderBy(point => point.At).ToListAsync(ct);
    }
}
