using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace PenguinMails.Tenancy.Access;

/// <summary>
/// Tells all hosts at once that what they remember of a person, tenant, session or key is out of date. While Redis is away nothing
/// is remembered: each request then asks the database.
/// </summary>
internal sealed class AccessChanges : IHostedService
{
    private static readonly RedisChannel Channel = RedisChannel.Literal("penguinmails:access-changed");

    private readonly ConcurrentDictionary<Guid, long> _changes = new();
    private readonly IConnectionMultiplexer _redis;
    private readonly ILogger<AccessChanges> _log;
    private readonly TimeProvider _clock;
    private long _trustedSince = long.MaxValue;
    private int _away;

    public AccessChanges(IConnectionMultiplexer redis, ILogger<AccessChanges> log, TimeProvider clock)
    {
        (_redis, _log, _clock) = (redis, log, clock);
        redis.ConnectionFailed += (_, _) => Lose();
        redis.ConnectionRestored += (_, _) => Regain();
    }

    /// <summary>Whether changes made on other hosts reach this one.</summary>
    public bool AreHeard => Volatile.Read(ref _trustedSince) != long.MaxValue;

    /// <summary>The host's own clock; ask before reading what is to be remembered.</summary>
    public long Now => _clock.GetTimestamp();

    /// <summary>Whether what was read at <paramref name="readAt"/> still holds for all of these.</summary>
    public bool HoldsSince(long readAt, params ReadOnlySpan<Guid> subjects)
    {
        if (readAt < Volatile.Read(ref _trustedSince))
        {
            return false;
        }

        foreach (var subject in subjects)
        {
            if (_changes.TryGetValue(subject, out var changed) && changed >= readAt)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Says it here and to all other hosts. After the commit.</summary>
    public async Task TellAsync(Guid subject)
    {
        Note(subject);
        try
        {
            await _redis.GetSubscriber().PublishAsync(Channel, subject.ToString());
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // The other hosts have lost Redis as well, or hear of the restart: either way they ask the database.
            _log.LogDebug(exception, "A change of access was not published.");
        }
    }

    public async Task StartAsync(CancellationToken ct)
    {
        try
        {
            await _redis.GetSubscriber().SubscribeAsync(Channel, (_, message) =>
            {
                if (Guid.TryParse(message.ToString(), out var subject))
                {
                    Note(subject);
                }
            });
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // The multiplexer keeps the subscription and makes it when Redis comes.
            _log.LogDebug(exception, "Redis is not there yet.");
        }

        if (_redis.IsConnected)
        {
            Volatile.Write(ref _trustedSince, Now);
        }
        else
        {
            Lose();
        }
    }

    public Task StopAsync(CancellationToken ct) => _redis.GetSubscriber().UnsubscribeAsync(Channel, flags: CommandFlags.FireAndForget);

    private void Note(Guid subject)
    {
        _changes[subject] = Now;
        if (_changes.Count > 10_000)
        {
            // Forget what was told, and with it all that was remembered before.
            Volatile.Write(ref _trustedSince, AreHeard ? Now : long.MaxValue);
            _changes.Clear();
        }
    }

    private void Lose()
    {
        Volatile.Write(ref _trustedSince, long.MaxValue);
        if (Interlocked.Exchange(ref _away, 1) == 0)
        {
            _log.LogWarning("Redis is away: limits are this host's own, and each request asks the database whether its credential still holds.");
        }
    }

    private void Regain()
    {
        if (!_redis.IsConnected)
        {
            return;
        }

        Volatile.Write(ref _trustedSince, Now);
        if (Interlocked.Exchange(ref _away, 0) == 1)
        {
            _log.LogInformation("Redis is back.");
        }
    }
}
