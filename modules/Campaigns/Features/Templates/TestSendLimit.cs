using System.ComponentModel.DataAnnotations;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>Section <c>TestSends</c>.</summary>
internal sealed record TestSendOptions
{
    /// <summary>Test messages an hour that one person, or a tenant's programs together, may send.</summary>
    [Range(1, 10_000)]
    public int PerHour { get; init; } = 20;
}

/// <summary>Test messages by person. Each host counts its own: the mailbox's day bounds them all.</summary>
internal sealed class TestSendLimit(IOptions<TestSendOptions> options) : IDisposable
{
    private const int Segments = 12;

    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly PartitionedRateLimiter<Guid> _limiter = PartitionedRateLimiter.Create<Guid, Guid>(
        of => RateLimitPartition.GetSlidingWindowLimiter(of, _ => new SlidingWindowRateLimiterOptions
        {
            PermitLimit = options.Value.PerHour,
            Window = Window,
            SegmentsPerWindow = Segments,
        }));

    public int PerHour => options.Value.PerHour;

    /// <returns>When it is one too many, how long until one may again at the earliest.</returns>
    public TimeSpan? Take(Guid of)
    {
        using var lease = _limiter.AttemptAcquire(of);
        return lease.IsAcquired ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : Window / Segments;
    }

    public void Dispose() => _limiter.Dispose();
}
