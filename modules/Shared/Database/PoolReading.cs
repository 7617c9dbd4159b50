namespace PenguinMails.Shared.Database;

/// <summary>What a pool of this host is doing, and has done since the reading before.</summary>
/// <param name="Pool">Such as <c>oltp/primary_pool</c>.</param>
/// <param name="Active">Lent out now.</param>
/// <param name="Idle">Open and free now.</param>
/// <param name="Pending">Callers that wait for one now.</param>
/// <param name="TotalCreated">Opened since the host started.</param>
/// <param name="TotalDestroyed">Closed since the host started.</param>
/// <param name="MeanWait">Of those who had to wait: how long, within this time.</param>
/// <param name="Errors">Could not be opened for another reason than that none was free.</param>
/// <param name="Exhaustions">Callers that gave up waiting.</param>
public sealed record PoolReading(
    string Pool, int Active, int Idle, int Pending, long TotalCreated, long TotalDestroyed, TimeSpan MeanWait, int Errors, int Exhaustions);

/// <summary>The readings of one pool; two sources of one name, while one succeeds the other, are added up.</summary>
internal sealed class PoolReadings
{
    private readonly Lock _lock = new();
    private int _active, _idle, _pending, _waiters, _failures, _timeouts;
    private long _created, _destroyed, _settled;
    private TimeSpan _waited;

    public void Forget()
    {
        lock (_lock)
        {
            (_active, _idle) = (0, 0);
        }
    }

    public void See(int connections, bool isIdle)
    {
        lock (_lock)
        {
            (_active, _idle) = isIdle ? (_active, _idle + connections) : (_active + connections, _idle);
        }
    }

    /// <param name="change">1 where a caller begins to wait, -1 where it has waited.</param>
    public void Wait(int change, TimeProvider clock)
    {
        lock (_lock)
        {
            Settle(clock);
            _pending += change;
            _waiters += Math.Max(change, 0);
        }
    }

    public void Create()
    {
        lock (_lock)
        {
            _created++;
        }
    }

    public void TimeOut(int count)
    {
        lock (_lock)
        {
            _timeouts += count;
        }
    }

    public void Fail()
    {
        lock (_lock)
        {
            _failures++;
        }
    }

    /// <returns>Null for a pool that nobody has used.</returns>
    public PoolReading? Take(string pool, TimeProvider clock)
    {
        lock (_lock)
        {
            Settle(clock);
            // One that is being opened is there already, and not opened yet.
            _destroyed = Math.Max(_destroyed, _created - _active - _idle);
            var reading = new PoolReading(
                pool, _active, _idle, _pending, _created, _destroyed,
                _waiters == 0 ? TimeSpan.Zero : _waited / _waiters, Math.Max(_failures - _timeouts, 0), _timeouts);
            var isUsed = _created + _waiters + _failures > 0;
            (_waited, _waiters, _failures, _timeouts) = (TimeSpan.Zero, _pending, 0, 0);
            return isUsed ? reading : null;
        }
    }

    // Everybody who waits has waited a while longer.
    private void Settle(TimeProvider clock)
    {
        var now = clock.GetTimestamp();
        _waited += _pending * clock.GetElapsedTime(_settled, now);
        _settled = now;
    }
}
