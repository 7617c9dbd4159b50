using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace PenguinMails.Staff.Features.Notifications;

/// <summary>
/// Server-sent events (HTML, section 9.2) of notifications that are raised, counted up or resolved, on whichever host: the table is
/// asked once a second, so that none is lost. A stream tells only what moves from its first event on; what is open is the list's.
/// </summary>
internal sealed class NotificationStream(IServiceScopeFactory scopes, IHostApplicationLifetime lifetime, TimeProvider clock)
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
        for (var quiet = 1; await MayGoOnAsync(http, policy, over.Token); quiet++)
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

    // A second later, and as if the request came anew: a session that has ended since opens nothing.
    private async Task<bool> MayGoOnAsync(HttpContext http, string policy, CancellationToken ct)
    {
        await Task.Delay(TimeSpan.FromSeconds(1), clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ct.IsCancellationRequested)
        {
            return false;
        }

        await using var services = scopes.CreateAsyncScope();
        var again = new DefaultHttpContext { RequestServices = services.ServiceProvider, Request = { Method = http.Request.Method } };
        again.SetEndpoint(http.GetEndpoint());
        foreach (var (name, value) in http.Request.Headers)
        {
            again.Request.Headers[name] = value;
        }

        if (await again.AuthenticateAsync() is not { Succeeded: true, Principal: { } caller })
        {
            return false;
        }

        again.User = caller;
        return (await services.ServiceProvider.GetRequiredService<IAuthorizationService>().AuthorizeAsync(caller, again, policy)).Succeeded;
    }
}
