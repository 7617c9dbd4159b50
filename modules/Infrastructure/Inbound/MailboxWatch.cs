namespace PenguinMails.Infrastructure.Inbound;

/// <summary>A mailbox in this host's hands, from the taking of its lease to its release.</summary>
internal sealed class MailboxWatch(ReaderLease lease, long readAt)
{
    // A server that does not answer DONE must not hold up the host's end.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private CancellationTokenSource? _own;
    private CancellationTokenSource? _listening;
    private Task _running = Task.CompletedTask;

    public ReaderLease Lease => lease;

    /// <summary>When its settings were read, or before, by the clock of <c>ChangeFeed</c>.</summary>
    public long ReadAt { get; private set; } = readAt;

    /// <summary>Nothing is read at the moment: the server will say when there is something.</summary>
    public bool Listens { get; private set; }

    /// <summary>Its settings have changed since they were read: it is to be opened anew.</summary>
    public bool IsOutdated { get; private set; }

    public void Run(Func<CancellationToken, Task> read, CancellationToken ct)
    {
        var own = _own = CancellationTokenSource.CreateLinkedTokenSource(ct);
        _running = Task.Run(() => RunAsync(read, own), CancellationToken.None);
    }

    /// <summary>Another host has it now, or nobody is to read it any more.</summary>
    public void Cancel()
    {
        lock (_lock)
        {
            _own?.Cancel();
        }
    }

    /// <summary>Waits until it has ended; it was cancelled with the host.</summary>
    public async Task EndedAsync() => await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public void Refresh(long now)
    {
        (ReadAt, IsOutdated) = (now, true);
        Wake();
    }

    /// <summary>There may be something to read.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            _listening?.Cancel();
        }
    }

    /// <summary>Listens until it is woken, or for so long at most.</summary>
    /// <param name="idle">Listens until its first token is cancelled; the second gives up.</param>
    public async Task ListenAsync(TimeSpan most, TimeProvider clock, Func<CancellationToken, CancellationToken, Task> idle, CancellationToken ct)
    {
        using var done = new CancellationTokenSource(most, clock);
        using var givenUp = new CancellationTokenSource();
        await using var ending = ct.Register(() =>
        {
            givenUp.CancelAfter(Patience);
            done.Cancel();
        });
        lock (_lock)
        {
            _listening = done;
        }

        Listens = true;
        try
        {
            if (!IsOutdated)
            {
                await idle(done.Token, givenUp.Token);
            }
        }
        finally
        {
            Listens = false;
            lock (_lock)
            {
                _listening = null;
            }
        }

        ct.ThrowIfCancellationRequested();
    }

    private async Task RunAsync(Func<CancellationToken, Task> read, CancellationTokenSource own)
    {
        try
        {
            await read(own.Token);
        }
        finally
        {
            lock (_lock)
            {
                _own = null;
                own.Dispose();
            }
        }
    }
}
