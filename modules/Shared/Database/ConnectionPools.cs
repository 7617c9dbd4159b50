using System.Collections.Frozen;
using Npgsql;

namespace PenguinMails.Shared.Database;

/// <summary>
/// The host's connections by the name of their pool. Settings may change at any time: what is asked for from then on comes from
/// the pool's successor, and who holds a connection keeps it. A pool holds no connection before somebody asks for one.
/// </summary>
public sealed class ConnectionPools : IAsyncDisposable
{
    // A context opens its connection for each command anew, from the source that it got it of: long enough for any unit of work.
    private static readonly TimeSpan Retirement = TimeSpan.FromHours(1);

    private static readonly string[] Tiers = ["oltp", "content", "queue", "olap"];

    private readonly FrozenDictionary<string, string> _connectionStrings;
    private readonly TimeProvider _clock;
    private readonly Lock _changing = new();
    private readonly List<(NpgsqlDataSource Source, DateTimeOffset Since)> _retired = [];
    private volatile FrozenDictionary<PoolName, Pool> _pools;

    private sealed record Pool(PoolSettings Settings, NpgsqlDataSource Source);

    /// <summary>Begins with the primary pool alone, as Npgsql would make it: before it, the settings cannot be read.</summary>
    public ConnectionPools(DatabaseConnections connections, PoolMeters meters, TimeProvider clock)
    {
        (_clock, Meters) = (clock, meters);
        // Here, so that one of them that is malformed stops the host at its start.
        _connectionStrings = Tiers.ToFrozenDictionary(tier => tier, tier => connections.For(DatabaseRoles.App, tier));
        var given = new NpgsqlConnectionStringBuilder(_connectionStrings[PoolName.Primary.Tier]);
        var first = new PoolSettings(
            PoolName.Primary, given.MinPoolSize, given.MaxPoolSize, given.Timeout, given.ConnectionIdleLifetime, given.ConnectionLifetime);
        _pools = new Dictionary<PoolName, Pool> { [PoolName.Primary] = Make(first) }.ToFrozenDictionary();
    }

    /// <summary>How the pools are doing.</summary>
    public PoolMeters Meters { get; }

    /// <summary>The pool as it is now: to be asked for again for the next unit of work. One that is not active lends the primary's.</summary>
    public NpgsqlDataSource Get(PoolName name)
    {
        var pools = _pools;
        return (pools.GetValueOrDefault(name) ?? pools[PoolName.Primary]).Source;
    }

    /// <summary>Makes the pools what they should be, and clears up after those that were replaced. Unchanged ones are left alone.</summary>
    /// <param name="wanted">All active pools. Without the primary, that stays as it is.</param>
    public void Apply(IReadOnlyCollection<PoolSettings> wanted)
    {
        lock (_changing)
        {
            var before = _pools;
            var after = wanted.ToDictionary(
                settings => settings.Name,
                settings => before.GetValueOrDefault(settings.Name) is { } pool && pool.Settings == settings ? pool : Make(settings));
            after.TryAdd(PoolName.Primary, before[PoolName.Primary]);
            _pools = after.ToFrozenDictionary();
            _retired.AddRange(before.Values.Except(after.Values).Select(pool => (pool.Source, _clock.GetUtcNow())));
            ClearRetired();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _retired.Select(retired => retired.Source).Concat(_pools.Values.Select(pool => pool.Source)))
        {
            await source.DisposeAsync();
        }
    }

    // Cleared, a source closes what is idle at once and what is out when it comes back; one may still be opened for a while.
    private void ClearRetired()
    {
        foreach (var (source, since) in _retired)
        {
            source.Clear();
            if (_clock.GetUtcNow() - since > Retirement)
            {
                source.Dispose();
            }
        }

        _retired.RemoveAll(retired => _clock.GetUtcNow() - retired.Since > Retirement);
    }

    private Pool Make(PoolSettings settings) => new(settings, settings.Build(_connectionStrings[settings.Name.Tier]));
}
