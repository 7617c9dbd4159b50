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
    private readonly PartitionedRateLimiter<Guid> _limiter = PartitionedRateLimiter.Create<Guid, Guid>(
        of => RateLimitPartition.GetSlidingWindowLimiter(of, _ => new SlidingWindowRateLimiterOptions
        {
            PermitLimit = options.Value.PerHour,
            Window = TimeSpan.FromHours(1),
            SegmentsPerWindow = 12,
        }));

    public int PerHour => options.Value.PerHour;

    /// <returns>False when it is one too many.</returns>
    public bool Take(Guid of)
    {
        using var lease = _limiter.AttemptAcquire(of);
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
