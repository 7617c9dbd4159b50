using System.Threading.RateLimiting;

namespace PenguinMails.Infrastructure.Features.Domains;

/// <summary>Checks that are asked for, by domain. Each host counts its own.</summary>
internal sealed class VerifyLimit : IDisposable
{
    public const int PerMinute = 10;

    private readonly PartitionedRateLimiter<Guid> _limiter = PartitionedRateLimiter.Create<Guid, Guid>(
        of => RateLimitPartition.GetSlidingWindowLimiter(of, _ => new SlidingWindowRateLimiterOptions
        {
            PermitLimit = PerMinute,
            Window = TimeSpan.FromMinutes(1),
            SegmentsPerWindow = 6,
        }));

    /// <returns>False when it is one too many.</returns>
    public bool Take(Guid domainId)
    {
        using var lease = _limiter.AttemptAcquire(domainId);
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
