using System.Text.Json;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Infrastructure.Pools;

/// <summary>What <c>optimize_connection_pools</c> advises on a pool.</summary>
/// <param name="Advice">For people.</param>
/// <param name="MaxConnections">The size to apply; null where the advice is to do nothing, or to look at something else.</param>
internal sealed record PoolRecommendation(string Advice, int? MaxConnections, DateTimeOffset Analysed)
{
    public const string Keys = "pool_optimization:";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private sealed record Analysis(string? Recommendation, int? MaxConnections, int? RecommendedMaxConnections);

    /// <returns>Null where the pool has not been judged as it is now: advice on another size is worth nothing.</returns>
    public static PoolRecommendation? For(ConnectionPool pool, IEnumerable<OpenNotification> open)
    {
        var found = open.SingleOrDefault(notification => notification.DedupKey == $"{Keys}{pool.Tier}:{pool.PoolName}");
        return found?.Metadata is { } text && JsonSerializer.Deserialize<Analysis>(text, Json) is { } analysis && analysis.MaxConnections == pool.MaxConnections
            ? new PoolRecommendation(
                analysis.Recommendation ?? found.Message,
                analysis.RecommendedMaxConnections >= pool.MinConnections ? analysis.RecommendedMaxConnections : null,
                found.LastOccurrence)
            : null;
    }
}
