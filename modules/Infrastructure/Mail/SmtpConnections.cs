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
    private readonly ConcurrentDictionary<(Guid Mailbox, Guid? Address), Mailbox> _mailboxes = new();
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

    private bool IsStale(SmtpConnection connection) => _clock.GetUtcNow() - connection.IdleSince > TimeSpan.FromSeconds(_options.IdleSeconds);

    private Task CloseAsync(Predicate<SmtpConnection> which) =>
        Task.WhenAll(_mailboxes.Values.SelectMany(mailbox => mailbox.Remove(which)).Select(connection => connection.CloseAsync()));

    /// <summary>The right to one connection of a mailbox.</summary>
    internal sealed class Slot(SmtpConnections all, Mailbox mailbox, Guid mailboxId, long readAt) : IDisposable
    {
        /// <summary>The connection that was used last; null where none waits.</summary>
        public SmtpConnection? TakeIdle()
        {
            while (mailbox.TakeLast() is { } last)
            {
                if (IsUpToDate(last))
                {
                    return last;
                }

                _ = last.CloseAsync();
            }

            return null;
        }

        /// <summary>Keeps it for the next message, or closes it.</summary>
        public async Task GiveBackAsync(SmtpConnection connection)
        {
            connection.ReadAt ??= readAt;
            if (!connection.IsReusable || !IsUpToDate(connection))
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
