using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace PenguinMails.Shared;

/// <summary>
/// Tells all hosts at once that what they remember of something is out of date: a person, tenant, session, key, the feature flags.
/// While Redis is away nothing is remembered: each request then asks the database.
/// </summary>
public sealed class ChangeFeed : IHostedService
{
    private static readonly RedisChannel Channel = RedisChannel.Literal("penguinmails:changed");

    // A change without a word, as by hand in the database, is noticed after this.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, long> _changes = new();
    private readonly IConnectionMultiplexer _redis;
    private readonly IMemoryCache _cache;
    private readonly ILogger<ChangeFeed> _log;
    private readonly TimeProvider _clock;
    private long _trustedSince = long.MaxValue;
    private int _away;

    private sealed record Remembered<T>(T Value, long ReadAt);

    public ChangeFeed(IConnectionMultiplexer redis, IMemoryCache cache, ILogger<ChangeFeed> log, TimeProvider clock)
    {
        (_redis, _cache, _log, _clock) = (redis, cache, log, clock);
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

    /// <summary>What was read before, where nothing has been told of these subjects since; else it is read now.</summary>
    /// <param name="name">Of what is remembered; anything with equality.</param>
    public async Task<T> RememberAsync<T>(object name, Guid[] subjects, Func<Task<T>> read)
    {
        if (_cache.TryGetValue(name, out Remembered<T>? known) && HoldsSince(known!.ReadAt, subjects))
        {
            return known.Value;
        }

        var readAt = Now;
        var value = await read();
        _cache.Set(name, new Remembered<T>(value, readAt), Longest);
        return value;
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
            _log.LogDebug(exception, "A change was not published.");
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
            _log.LogWarning("Redis is away: limits are this host's own, and each request asks the database what still holds.");
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
