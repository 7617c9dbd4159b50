using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace PenguinMails.Infrastructure.Mail;

/// <summary>The open connections of all mailboxes: a few for each, reused while they are fresh, closed when nobody sends.</summary>
internal sealed class SmtpConnections : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Guid, Mailbox> _mailboxes = new();
    private readonly MailOptions _options;
    private readonly TimeProvider _clock;
    private readonly ITimer _sweep;

    public SmtpConnections(IOptions<MailOptions> options, TimeProvider clock)
    {
        (_options, _clock) = (options.Value, clock);
        var period = TimeSpan.FromSeconds(Math.Max(1, _options.IdleSeconds / 4));
        _sweep = clock.CreateTimer(_ => _ = CloseAsync(IsStale), null, period, period);
    }

    /// <summary>Waits until the mailbox may have one more connection.</summary>
    public async Task<Slot> TakeSlotAsync(Guid mailboxId, CancellationToken ct)
    {
        var mailbox = _mailboxes.GetOrAdd(mailboxId, static (_, size) => new Mailbox(size), _options.ConnectionsPerMailbox);
        await mailbox.Slots.WaitAsync(ct);
        return new Slot(this, mailbox);
    }

    public async ValueTask DisposeAsync()
    {
        await _sweep.DisposeAsync();
        await CloseAsync(_ => true);
    }

    private bool IsStale(SmtpConnection connection) => _clock.GetUtcNow() - connection.IdleSince > TimeSpan.FromSeconds(_options.IdleSeconds);

    private Task CloseAsync(Predicate<SmtpConnection> which) =>
        Task.WhenAll(_mailboxes.Values.SelectMany(mailbox => mailbox.Remove(which)).Select(connection => connection.CloseAsync()));

    /// <summary>The right to one connection of a mailbox.</summary>
    internal sealed class Slot(SmtpConnections all, Mailbox mailbox) : IDisposable
    {
        /// <summary>The connection that was used last; null where none waits.</summary>
        public SmtpConnection? TakeIdle() => mailbox.TakeLast();

        /// <summary>Keeps it for the next message, or closes it.</summary>
        public async Task GiveBackAsync(SmtpConnection connection)
        {
            if (!connection.IsReusable)
            {
                await connection.CloseAsync();
                return;
            }

            connection.IdleSince = all._clock.GetUtcNow();
            mailbox.Add(connection);
        }

        public void Dispose() => mailbox.Slots.Release();
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
