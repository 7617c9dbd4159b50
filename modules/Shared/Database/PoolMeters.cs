using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace PenguinMails.Shared.Database;

/// <summary>
/// Listens to Npgsql's own meters. What those do not have is derived: connections that were closed are those that were opened
/// and are not there; the mean wait is the time that callers waited, added up, over their number; and failures to open come from
/// the contexts, so that Hangfire's are not among them.
/// </summary>
public sealed class PoolMeters : IDisposable
{
    private const string Count = "db.client.connection.count";
    private const string Pending = "db.client.connection.npgsql.pending_requests";
    private const string Timeouts = "db.client.connection.npgsql.timeouts";
    private const string CreateTime = "db.client.connection.npgsql.create_time";
    private const string PoolTag = "db.client.connection.pool.name";
    private const string StateTag = "db.client.connection.state";

    private readonly ConcurrentDictionary<string, PoolReadings> _pools = [];
    private readonly MeterListener _listener = new();
    private readonly TimeProvider _clock;
    private readonly Lock _sampling = new();

    /// <summary>Listens from now on: it must come before the first connection.</summary>
    public PoolMeters(TimeProvider clock)
    {
        _clock = clock;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Npgsql" && instrument.Name is Count or Pending or Timeouts or CreateTime)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Read(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Read(instrument, 1, tags));
        _listener.Start();
    }

    /// <summary>What each pool that was ever used here has done since the last sample; what is counted begins anew.</summary>
    public IReadOnlyList<PoolReading> Sample()
    {
        lock (_sampling)
        {
            foreach (var pool in _pools.Values)
            {
                pool.Forget();
            }

            _listener.RecordObservableInstruments();
            return [.. _pools.Select(pool => pool.Value.Take(pool.Key, _clock)).OfType<PoolReading>()];
        }
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>A connection could not be opened, be it that none was free.</summary>
    internal void CountFailure(PoolName pool) => Of(pool.ToString()).Fail();

    private PoolReadings Of(string pool) => _pools.GetOrAdd(pool, _ => new PoolReadings());

    private void Read(Instrument instrument, int value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var pool = Of(Tag(tags, PoolTag));
        switch (instrument.Name)
        {
            case Count: pool.See(value, isIdle: Tag(tags, StateTag) == "idle"); break;
            case Pending: pool.Wait(value, _clock); break;
            case Timeouts: pool.TimeOut(value); break;
            default: pool.Create(); break;
        }
    }

    private static string Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == name)
            {
                return tag.Value as string ?? "";
            }
        }

        return "";
    }
}
