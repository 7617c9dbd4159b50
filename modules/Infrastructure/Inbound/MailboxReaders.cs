using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PenguinMails.Shared;

namespace PenguinMails.Infrastructure.Inbound;

/// <summary>
/// Reads the inboxes of mailboxes: those whose turn it is, and where the server tells of new mail by itself, as soon as there is any.
/// Any number of hosts do so at once.
/// </summary>
internal sealed class MailboxReaders(
    ReaderLeases leases, IServiceScopeFactory scopes, ChangeFeed changes, IOptions<InboundOptions> options, TimeProvider clock,
    ILogger<MailboxReaders> log) : BackgroundService
{
    private readonly ConcurrentDictionary<Guid, MailboxWatch> _watches = new();
    private readonly InboundOptions _options = options.Value;
    private DateTimeOffset _renewed;

    protected override async Task ExecuteAsync(CancellationToken ct)
    {
        var pause = TimeSpan.FromMilliseconds(_options.ScanMilliseconds);
        while (_options.Enabled && !ct.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(ct);
            }
            catch (Exception exception) when (!ct.IsCancellationRequested)
            {
                // The database may be away for a while: what is held and not renewed, another host takes over.
                log.LogError(exception, "Mailboxes could not be shared out.");
            }

            await Task.Delay(pause, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(_watches.Values.Select(watch => watch.EndedAsync()));
    }

    private async Task RunOnceAsync(CancellationToken ct)
    {
        await RenewAsync(ct);
        await leases.AdoptAsync(ct);
        var most = _options.ReadsAtOnce - _watches.Values.Count(watch => !watch.Listens);
        if (most <= 0)
        {
            return;
        }

        foreach (var lease in await leases.TakeAsync(most, [.. _watches.Keys], ct))
        {
            var watch = new MailboxWatch(lease, changes.Now);
            _watches[lease.EmailAccountId] = watch;
            watch.Run(token => ReadAsync(watch, token), ct);
        }
    }

    private async Task RenewAsync(CancellationToken ct)
    {
        foreach (var changed in _watches.Values.Where(watch => changes.AreHeard && !changes.HoldsSince(watch.ReadAt, watch.Lease.EmailAccountId)))
        {
            changed.Refresh(changes.Now);
        }

        var now = clock.GetUtcNow();
        if (now - _renewed < _options.Lease / 3 || _watches.IsEmpty)
        {
            return;
        }

        var held = _watches.Values.ToList();
        var kept = (await leases.RenewAsync([.. held.Select(watch => watch.Lease)], ct)).ToHashSet();
        _renewed = now;
        held.Where(watch => !kept.Contains(watch.Lease.EmailAccountId)).ToList().ForEach(watch => watch.Cancel());
    }

    private bool MayListen() => _watches.Values.Count(watch => watch.Listens) < _options.IdleConnections;

    private async Task ReadAsync(MailboxWatch watch, CancellationToken ct)
    {
        try
        {
            await using var scope = scopes.CreateTenantScope(watch.Lease.TenantId);
            await scope.ServiceProvider.GetRequiredService<MailboxReading>().RunAsync(watch, MayListen, ct);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            // Its lease ends, and then it is tried again.
            log.LogError(exception, "Mailbox {Mailbox} could not be read.", watch.Lease.EmailAccountId);
        }
        catch (OperationCanceledException)
        {
            // Stopped, and what was read is kept.
        }
        finally
        {
            _watches.TryRemove(new(watch.Lease.EmailAccountId, watch));
        }
    }
}
