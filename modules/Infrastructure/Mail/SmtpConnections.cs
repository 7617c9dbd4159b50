using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using PenguinMails.Shared;

namespace PenguinMails.Infrastructure.Mail;

/// <summary>
/// The open connections of all mailboxes: a few for each and each address it sends from, reused while they are fresh, closed when
/// nobody sends. One that was opened before the mailbox's settings changed, on whichever host, carries nothing more.
/// </summary>
internal sealed class SmtpConnections : IAsyncDisposable
{
    // Whoever goes on so soon finds the connection as it was left.
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(Guid Mailbox, Guid? Address), Mailbox> _mailboxes = new();
    private readonly ConcurrentDictionary<string, ServerPlaces> _servers = new(StringComparer.OrdinalIgnoreCase);
    private readonly MailOptions _options;
    private readonly ChangeFeed _changes;
    private readonly TimeProvider _clock;
    private readonly ITimer _sweep;

    public SmtpConnections(IOptions<MailOptions> options, ChangeFeed changes, TimeProvider clock)
    {
        (_options, _changes, _clock) = (options.Value, changes, clock);
        var period = TimeSpan.FromSeconds(Math.Max(1, _options.IdleSeconds / 4));
        _sweep = clock.CreateTimer(_ => _ = CloseAsync(IsStale), null, period, period);
    }

    /// <summary>Waits until the mailbox may have one more connection.</summary>
    /// <param name="addressId">The platform's address that it is to; null: the mailbox's own server.</param>
    /// <param name="readAt">When its settings were read, or before, by the clock of <see cref="ChangeFeed"/>.</param>
    public async Task<Slot> TakeSlotAsync(Guid mailboxId, Guid? addressId, long readAt, CancellationToken ct)
    {
        var mailbox = _mailboxes.GetOrAdd((mailboxId, addressId), static (_, size) => new Mailbox(size), _options.ConnectionsPerMailbox);
        await mailbox.Slots.WaitAsync(ct);
        return new Slot(this, mailbox, mailboxId, readAt);
    }

    public async ValueTask DisposeAsync()
    {
        await _sweep.DisposeAsync();
        await CloseAsync(_ => true);
    }

    private bool IsWaitedFor(string server) => _servers.TryGetValue(server, out var places) && places.Waiting > 0;

    // Whoever waits closes what others only keep; what they use is closed when it is given back.
    private async Task<IDisposable> TakePlaceAsync(string server, CancellationToken ct)
    {
        var places = _servers.GetOrAdd(server, static (_, most) => new ServerPlaces(most), _options.ConnectionsPerServer);
        var taking = places.TakeAsync(ct);
        if (!taking.IsCompleted)
        {
            await CloseAsync(connection => connection.ServerName == server);
        }

        return await taking;
    }

    private bool IsStale(SmtpConnection connection) => _clock.GetUtcNow() - connection.IdleSince > TimeSpan.FromSeconds(_options.IdleSeconds);

    private Task CloseAsync(Predicate<SmtpConnection> which) =>
        Task.WhenAll(_mailboxes.Values.SelectMany(mailbox => mailbox.Remove(which)).Select(connection => connection.CloseAsync()));

    /// <summary>The right to one connection of a mailbox.</summary>
    internal sealed class Slot(SmtpConnections all, Mailbox mailbox, Guid mailboxId, long readAt) : IDisposable
    {
        /// <summary>The connection that was used last, and still answers; null where none waits.</summary>
        public async Task<SmtpConnection?> TakeIdleAsync(CancellationToken ct)
        {
            while (mailbox.TakeLast() is { } last)
            {
                if (IsUpToDate(last) && (all._clock.GetUtcNow() - last.IdleSince < FreshFor || await last.IsAliveAsync(ct)))
                {
                    return last;
                }

                await last.CloseAsync();
            }

            return null;
        }

        /// <summary>Opens a new one, once the server has room for it.</summary>
        public async Task<(SmtpConnection? Connection, OpeningFault? Failure)> OpenAsync(
            string server, Func<Task<(SmtpConnection? Connection, OpeningFault? Failure)>> open, CancellationToken ct)
        {
            var place = await all.TakePlaceAsync(server, ct);
            try
            {
                var opened = await open();
                if (opened.Connection is { } connection)
                {
                    (connection.Place, connection.ServerName, place) = (place, server, null);
                }

                return opened;
            }
            finally
            {
                place?.Dispose();
            }
        }

        /// <summary>Keeps it for the next message, or closes it.</summary>
        public async Task GiveBackAsync(SmtpConnection connection)
        {
            connection.ReadAt ??= readAt;
            if (!connection.IsReusable || !IsUpToDate(connection) || all.IsWaitedFor(connection.ServerName))
            {
                await connection.CloseAsync();
                return;
            }

            connection.IdleSince = all._clock.GetUtcNow();
            mailbox.Add(connection);
        }

        public void Dispose() => mailbox.Slots.Release();

        // While changes are not heard of, nothing is reused.
        private bool IsUpToDate(SmtpConnection connection) => all._changes.HoldsSince(connection.ReadAt!.Value, mailboxId);
    }

    /// <summary>How many connections a server may have from this host.</summary>
    private sealed class ServerPlaces(int most)
    {
        private readonly SemaphoreSlim _free = new(most);
        private int _waiting;

        public int Waiting => Volatile.Read(ref _waiting);

        public async Task<IDisposable> TakeAsync(CancellationToken ct)
        {
            Interlocked.Increment(ref _waiting);
            try
            {
                await _free.WaitAsync(ct);
                return new Place(_free);
            }
            finally
            {
                Interlocked.Decrement(ref _waiting);
            }
        }

        private sealed class Place(SemaphoreSlim free) : IDisposable
        {
            private int _isGivenBack;

            public void Dispose()
            {
                if (Interlocked.Exchange(ref _isGivenBack, 1) == 0)
                {
                    free.Release();
                }
            }
        }
    }

    internal sealed class Mailbox(int size)
    {
        private readonly List<SmtpConnection> _idle = [];

        public SemaphoreSlim Slots { get; } = new(size);

        public void Add(SmtpConnection connection)
        {
            lock (_idle)
            {
                _idle.Add(connection);
            }
        }

        public SmtpConnection? TakeLast()
        {
            lock (_idle)
            {
                var last = _idle.LastOrDefault();
                _idle.Remove(last!);
                return last;
            }
        }

        public List<SmtpConnection> Remove(Predicate<SmtpConnection> which)
        {
            lock (_idle)
            {
                var removed = _idle.FindAll(which);
                _idle.RemoveAll(removed.Contains);
                return removed;
            }
        }
    }
}
