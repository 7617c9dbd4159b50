namespace PenguinMails.Infrastructure.Pools;

/// <summary>A pool as the API shows it to staff.</summary>
/// <param name="Samples">The newest of each host that uses it.</param>
internal sealed record PoolResponse(
    Guid Id, string Tier, string PoolName, int MinConnections, int MaxConnections, int ConnectionTimeoutSeconds, int AcquireTimeoutSeconds,
    int IdleTimeoutSeconds, int MaxLifetimeSeconds, int LeakDetectionThresholdSeconds, bool IsActive, DateTimeOffset? Updated,
    IReadOnlyList<PoolSampleResponse> Samples, PoolRecommendation? Recommendation)
{
    public static PoolResponse Of(ConnectionPool pool, IEnumerable<PoolSample> samples, PoolRecommendation? recommendation) => new(
        pool.Id, pool.Tier, pool.PoolName, pool.MinConnections, pool.MaxConnections, pool.ConnectionTimeoutSeconds, pool.AcquireTimeoutSeconds,
        pool.IdleTimeoutSeconds, pool.MaxLifetimeSeconds, pool.LeakDetectionThresholdSeconds, pool.IsActive, pool.Updated,
        [.. samples.OrderBy(sample => sample.Host, StringComparer.Ordinal).Select(PoolSampleResponse.Of)], recommendation);
}

/// <param name="WaitTimeAvgMs">Of the callers that had to wait.</param>
/// <param name="UsageRate">Per cent.</param>
internal sealed record PoolSampleResponse(
    string? Host, DateTimeOffset CollectedAt, int? ActiveConnections, int? IdleConnections, int? PendingAcquires, long? TotalConnectionsCreated,
    long? TotalConnectionsDestroyed, int? WaitTimeAvgMs, decimal? UsageRate, int? Errors, int? Exhaustions)
{
    public static PoolSampleResponse Of(PoolSample sample) => new(
        sample.Host, sample.CollectedAt, sample.ActiveConnections, sample.IdleConnections, sample.PendingAcquires, sample.TotalConnectionsCreated,
        sample.TotalConnectionsDestroyed, sample.ConnectionWaitTimeAvgMs, sample.ConnectionUsageRate, sample.ConnectionErrorsCount,
        sample.PoolExhaustionEvents);
}
