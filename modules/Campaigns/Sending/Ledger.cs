using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns.Sending;

/// <summary>
/// Makes what the lanes of a batch do last: that a message begins to be sent, and what became of one. Whatever comes while one transaction is
/// being committed goes into the next: a message costs no commit of its own, and none is sent before its row is there.
/// </summary>
internal sealed class Ledger(CampaignsDb db, Campaign campaign, Guid owner, TimeProvider clock, ILogger log) : IAsyncDisposable
{
    private const int MostAtOnce = 200;

    // Longer than a database takes to start again; by then other hosts take what this one has in hand for lost.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Channel<LedgerEntry> _entries = Channel.CreateUnbounded<LedgerEntry>(new UnboundedChannelOptions { SingleReader = true });
    private Task? _writing;

    /// <summary>Writes the message down before it is sent.</summary>
    /// <returns>False where it must not be sent any more: the claim was lost, the campaign paused, the lead gone or suppressed.</returns>
    public Task<bool> BeginAsync(BegunMessage message) => PostAsync(new LedgerEntry(message, null));

    /// <summary>Writes down what became of an enrollment, and of its message. Lasts at the latest when the next one is begun, or the ledger is closed.</summary>
    public void Settle(SettledEnrollment settled) => _ = PostAsync(new LedgerEntry(null, settled));

    /// <summary>Waits until all is written.</summary>
    public async ValueTask DisposeAsync()
    {
        _entries.Writer.TryComplete();
        await (_writing ?? Task.CompletedTask);
    }

    private Task<bool> PostAsync(LedgerEntry entry)
    {
        lock (_entries)
        {
            _writing ??= Task.Run(WriteAllAsync);
        }

        return _entries.Writer.TryWrite(entry) ? entry.Done.Task : throw new InvalidOperationException("The ledger is closed.");
    }

    private async Task WriteAllAsync()
    {
        while (await _entries.Reader.WaitToReadAsync())
        {
            var entries = new List<LedgerEntry>();
            while (entries.Count < MostAtOnce && _entries.Reader.TryRead(out var entry))
            {
                entries.Add(entry);
            }

            try
            {
                await WriteAsync(entries, clock.GetUtcNow() + Patience);
            }
            catch (Exception exception)
            {
                log.LogError(exception, "{Count} entries could not be written; their leases end.", entries.Count);
                entries.ForEach(entry => Fail(entry, exception));
            }
        }
    }

    // Whoever only settles does not wait for it.
    private static void Fail(LedgerEntry entry, Exception exception)
    {
        entry.Done.TrySetException(exception);
        _ = entry.Done.Task.Exception;
    }

    // Between two transactions the connection is anybody's: a batch that waits for a slow server holds none.
    private async Task<HashSet<Guid>> CommitAsync(List<LedgerEntry> entries)
    {
        await db.Database.OpenConnectionAsync();
        try
        {
            return await LedgerStatements.RunAsync(db, campaign, owner, entries, CancellationToken.None);
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private async Task WriteAsync(List<LedgerEntry> entries, DateTimeOffset until)
    {
        while (true)
        {
            try
            {
                var begun = await CommitAsync(entries);
                entries.ForEach(entry => entry.Done.TrySetResult(entry.Begun is null || begun.Contains(entry.Begun.Message.Id)));
                return;
            }
            catch (Exception exception) when (IsAway(exception) && clock.GetUtcNow() < until)
            {
                // Written twice, the same changes nothing: whether it was committed before the connection was lost need not be known.
                log.LogWarning(exception, "The database is away: what became of {Count} messages is written when it is back.", entries.Count);
                await Task.Delay(Pause, clock);
            }
            catch (Exception exception) when (entries.Count == 1)
            {
                log.LogError(exception, "What became of an enrollment could not be written; its lease ends.");
                Fail(entries[0], exception);
                return;
            }
            catch (Exception exception)
            {
                log.LogWarning(exception, "{Count} entries could not be written together: each is tried by itself.", entries.Count);
                foreach (var entry in entries)
                {
                    await WriteAsync([entry], until);
                }

                return;
            }
        }
    }

    private static bool IsAway(Exception exception) => exception switch
    {
        // Shut down, crashed, or starting.
        PostgresException postgres => postgres.IsTransient || postgres.SqlState.StartsWith("57P", StringComparison.Ordinal),
        _ => exception is NpgsqlException or TimeoutException or IOException,
    };
}
