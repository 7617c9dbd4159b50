using MailKit;
using MailKit.Search;
using Microsoft.Extensions.Options;

namespace PenguinMails.Infrastructure.Inbound;

/// <summary>A message in an inbox.</summary>
internal sealed record Arrival(UniqueId Uid, DateTimeOffset Received, long Size);

/// <summary>Fetches from an inbox; nothing there is changed, not even what is read.</summary>
internal sealed class MailFetch(IOptions<InboundOptions> options, TimeProvider clock) : IDisposable
{
    private const int Large = 1024 * 1024;
    private const int LargeOnesAtOnce = 2;

    private readonly SemaphoreSlim _large = new(LargeOnesAtOnce);

    /// <summary>Where to begin in an inbox: after the newest, and where uids begin anew after what was surely read.</summary>
    /// <param name="lastRead">When the inbox was read before its uids began anew; null: never, so that all there is is older than the mailbox.</param>
    public static async Task<long> StartAsync(IMailFolder inbox, DateTimeOffset? lastRead, CancellationToken ct)
    {
        if (lastRead is { } last)
        {
            // By the server's days, whose zone is unknown: what is seen again is known by its Message-ID.
            var since = await inbox.SearchAsync(SearchQuery.DeliveredAfter(last.UtcDateTime.Date.AddDays(-1)), ct);
            if (since.Count > 0)
            {
                return since.Min(uid => uid.Id) - 1L;
            }
        }

        if (inbox.UidNext is { Id: > 0 } next)
        {
            return next.Id - 1L;
        }

        // A server that does not tell UIDNEXT.
        var all = await inbox.SearchAsync(SearchQuery.All, ct);
        return all.Count == 0 ? 0 : all.Max(uid => uid.Id);
    }

    /// <summary>What came after a uid, in order.</summary>
    public async Task<IReadOnlyList<Arrival>> SinceAsync(IMailFolder inbox, long lastUid, CancellationToken ct)
    {
        if (inbox.Count == 0 || lastUid >= uint.MaxValue)
        {
            return [];
        }

        var range = new UniqueIdRange(new UniqueId((uint)lastUid + 1), UniqueId.MaxValue);
        var found = await inbox.FetchAsync(range, MessageSummaryItems.UniqueId | MessageSummaryItems.InternalDate | MessageSummaryItems.Size, ct);
        // A range that ends with * always holds the newest message.
        return [.. found.Where(one => one.UniqueId.Id > lastUid).OrderBy(one => one.UniqueId.Id)
            .Select(one => new Arrival(one.UniqueId, one.InternalDate ?? clock.GetUtcNow(), one.Size ?? 0))];
    }

    /// <summary>Fetches a message for as long as it is used; only the beginning of one that is too large. One that is gone is passed by.</summary>
    public async Task UseAsync(IMailFolder inbox, Arrival arrival, Func<ReadOnlyMemory<byte>, Task> use, CancellationToken ct)
    {
        var isLarge = arrival.Size > Large;
        if (isLarge)
        {
            await _large.WaitAsync(ct);
        }

        try
        {
            if (await FetchAsync(inbox, arrival, ct) is { } raw)
            {
                await use(raw);
            }
        }
        finally
        {
            if (isLarge)
            {
                _large.Release();
            }
        }
    }

    public void Dispose() => _large.Dispose();

    private async Task<ReadOnlyMemory<byte>?> FetchAsync(IMailFolder inbox, Arrival arrival, CancellationToken ct)
    {
        try
        {
            await using var stream = arrival.Size > options.Value.MaxMessageMegabytes * 1024L * 1024
                ? await inbox.GetStreamAsync(arrival.Uid, "", 0, options.Value.PartKilobytes * 1024, ct)
                : await inbox.GetStreamAsync(arrival.Uid, "", ct);
            if (stream is MemoryStream memory && memory.TryGetBuffer(out var buffer))
            {
                return buffer;
            }

            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, ct);
            return copy.ToArray();
        }
        catch (MessageNotFoundException)
        {
            return null;
        }
    }
}
