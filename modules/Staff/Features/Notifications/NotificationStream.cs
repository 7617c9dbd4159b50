using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using PenguinMails.Shared.Http;

namespace PenguinMails.Staff.Features.Notifications;

/// <summary>
/// Server-sent events (HTML, section 9.2) of notifications that are raised, counted up or resolved, on whichever host: the table is
/// asked once a second, so that none is lost. A stream tells only what moves from its first event on; what is open is the list's.
/// </summary>
internal sealed class NotificationStream(StreamPermit permit, IHostApplicationLifetime lifetime)
{
    private const int SecondsBetweenHeartbeats = 15;

    // What a long transaction wrote becomes visible after newer rows.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(10);

    /// <summary>Events until the client hangs up, the caller may no longer, or the host stops.</summary>
    /// <param name="policy">What the endpoint asks of its caller.</param>
    /// <param name="show">What a client sees of a row.</param>
    public async IAsyncEnumerable<SseItem<T?>> FollowAsync<T>(
        HttpContext http, string policy, IQueryable<SystemNotification> visible, Func<SystemNotification, T> show,
        [EnumeratorCancellation] CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct, lifetime.ApplicationStopping);
        var seen = new Dictionary<Guid, DateTimeOffset>();
        await MovedAsync(visible, seen, over.Token);
        // The first tells the client that it misses nothing from now on.
        yield return new SseItem<T?>(default, "heartbeat");
        for (var quiet = 1; await permit.MayGoOnAsync(http, policy, over.Token); quiet++)
        {
            foreach (var row in await MovedAsync(visible, seen, over.Token))
            {
                quiet = 0;
                yield return new SseItem<T?>(show(row), "notification");
            }

            if (quiet == SecondsBetweenHeartbeats)
            {
                quiet = 0;
                yield return new SseItem<T?>(default, "heartbeat");
            }
        }
    }

    private static async Task<IReadOnlyList<SystemNotification>> MovedAsync(
        IQueryable<SystemNotification> visible, Dictionary<Guid, DateTimeOffset> seen, CancellationToken ct)
    {
        try
        {
            // By the database's clock alone: no host's need agree with it.
            var newest = seen.Count > 0
                ? seen.Values.Max()
                : await visible.MaxAsync(row => (DateTimeOffset?)row.Updated, ct) ?? DateTimeOffset.UnixEpoch;
            var since = newest - Overlap;
            var rows = await visible.AsNoTracking().Where(row => row.Updated >= since).OrderBy(row => row.Updated).ToListAsync(ct);
            var moved = rows.Where(row => seen.GetValueOrDefault(row.Id) != row.Updated).ToList();
            moved.ForEach(row => seen[row.Id] = row.Updated);
            seen.Where(row => row.Value < since).ToList().ForEach(row => seen.Remove(row.Key));
            return moved;
        }
        catch (OperationCanceledException)
        {
            return [];
        }
    }
}
