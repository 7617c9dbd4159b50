using System.Threading.RateLimiting;

namespace PenguinMails.Shared.Http;

/// <summary>How often something may be asked for by each of many, within a window that slides. Each host counts its own.</summary>
/// <param name="most">Of each within the window.</param>
/// <param name="segments">The parts in which the window slides.</param>
public abstract class CallLimit(int most, TimeSpan window, int segments) : IDisposable
{
    private readonly PartitionedRateLimiter<Guid> _limiter = PartitionedRateLimiter.Create<Guid, Guid>(
        of => RateLimitPartition.GetSlidingWindowLimiter(of, _ => new SlidingWindowRateLimiterOptions
        {
            PermitLimit = most,
            Window = window,
            SegmentsPerWindow = segments,
        }));

    /// <summary>Of each within the window.</summary>
    public int Most => most;

    /// <returns>When it is one too many, how long until one may again at the earliest; else null.</returns>
    public TimeSpan? Take(Guid of)
    {
        using var lease = _limiter.AttemptAcquire(of);
        return lease.IsAcquired ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : window / segments;
    }

    public void Dispose()
    {
        _limiter.Dispose();
        GC.SuppressFinalize(this);
    }
}
