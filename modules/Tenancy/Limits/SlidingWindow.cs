using System.Threading.RateLimiting;
using StackExchange.Redis;

namespace PenguinMails.Tenancy.Limits;

/// <summary>Whether a request may go on.</summary>
/// <param name="Remaining">How many more may follow now.</param>
/// <param name="RetryAfter">When one may again, at the latest; zero where this one may.</param>
internal readonly record struct Permit(bool IsGranted, int Limit, int Remaining, TimeSpan RetryAfter);

/// <summary>
/// Counts requests over the last minute, across hosts: this minute's counter and, of the minute before, the part that still lies
/// within sixty seconds. Without Redis each host counts for itself.
/// </summary>
internal sealed class SlidingWindow(IConnectionMultiplexer redis, TimeProvider clock) : IAsyncDisposable
{
    private const int Window = 60;

    // Refused requests do not count, so that who keeps asking gets in again.
    private const string Count =
        """
        local before = tonumber(redis.call('GET', KEYS[2]) or '0')
        local used = tonumber(redis.call('GET', KEYS[1]) or '0') + math.floor(before * tonumber(ARGV[2]))
        if used >= tonumber(ARGV[1]) then return -1 end
        redis.call('INCR', KEYS[1])
        redis.call('EXPIRE', KEYS[1], 120)
        return used + 1
        """;

    private readonly PartitionedRateLimiter<(string Name, int Limit)> _own = PartitionedRateLimiter.Create<(string Name, int Limit), (string, int)>(
        of => RateLimitPartition.GetSlidingWindowLimiter(of, _ => new SlidingWindowRateLimiterOptions
        {
            PermitLimit = of.Limit,
            Window = TimeSpan.FromSeconds(Window),
            SegmentsPerWindow = 6,
        }));

    /// <summary>Asks for one request of the named caller.</summary>
    /// <param name="limit">Requests a minute.</param>
    public async Task<Permit> TakeAsync(string name, int limit)
    {
        if (redis.IsConnected)
        {
            try
            {
                return await TakeSharedAsync(name, limit);
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                // It has just gone: what was lost is said where the connection is watched.
            }
        }

        return TakeOwn(name, limit);
    }

    public ValueTask DisposeAsync() => _own.DisposeAsync();

    private async Task<Permit> TakeSharedAsync(string name, int limit)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        var minute = (long)now / Window;
        var elapsed = now - (minute * Window);
        // The braces keep both counters on one node of a cluster.
        RedisKey[] keys = [$"rate:{{{name}}}:{minute}", $"rate:{{{name}}}:{minute - 1}"];
        var used = (int)await redis.GetDatabase().ScriptEvaluateAsync(Count, keys, [limit, 1 - (elapsed / Window)]);
        return used < 0
            ? new Permit(false, limit, 0, TimeSpan.FromSeconds(Math.Ceiling(Window - elapsed)))
            : new Permit(true, limit, limit - used, TimeSpan.Zero);
    }

    private Permit TakeOwn(string name, int limit)
    {
        using var lease = _own.AttemptAcquire((name, limit));
        var left = (int)(_own.GetStatistics((name, limit))?.CurrentAvailablePermits ?? 0);
        return new Permit(lease.IsAcquired, limit, left, lease.IsAcquired ? TimeSpan.Zero : TimeSpan.FromSeconds(Window / 6));
    }
}
