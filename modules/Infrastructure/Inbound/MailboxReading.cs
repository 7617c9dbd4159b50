using MailKit;
using MailKit.Net.Imap;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Features.EmailAccounts;
using PenguinMails.Infrastructure.Mail;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared;

namespace PenguinMails.Infrastructure.Inbound;

/// <summary>Reads one inbox: what is new, one after the other, and then, where the server can, what comes while it listens.</summary>
internal sealed class MailboxReading(
    InfrastructureDb db, SecretStore secrets, MailOpener opener, MailFetch fetch, ReaderProgress progress, ReaderNotices notices,
    IServiceScopeFactory scopes, IOptions<InboundOptions> options, TimeProvider clock)
{
    /// <param name="mayListen">Whether this host has a connection left for it.</param>
    public async Task RunAsync(MailboxWatch watch, Func<bool> mayListen, CancellationToken ct)
    {
        var nextRead = clock.GetUtcNow();
        try
        {
            var account = await db.EmailAccounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == watch.Lease.EmailAccountId, ct);
            if (account is { ImapSettings: null })
            {
                await progress.ForgetAsync(watch.Lease, ct);
            }
            else if (account is { Status: EmailAccountStatus.Active or EmailAccountStatus.Paused })
            {
                await ReadAsync(account, watch, mayListen, ct);
            }

            // What was changed meanwhile is looked at at once.
            nextRead = clock.GetUtcNow() + (watch.IsOutdated ? TimeSpan.Zero : options.Value.NextPoll);
        }
        finally
        {
            await progress.ReleaseAsync(watch.Lease, nextRead, CancellationToken.None);
        }
    }

    private async Task ReadAsync(EmailAccount account, MailboxWatch watch, Func<bool> mayListen, CancellationToken ct)
    {
        var reader = await db.MailboxReaders.AsNoTracking().SingleAsync(row => row.EmailAccountId == account.Id, ct);
        var opening = opener.Begin(account.ImapSettings!);
        using var client = new GuardedImapClient(opening);
        try
        {
            var password = await secrets.ImapPasswordAsync(account, ct);
            if (await opener.OpenAsync(client, opening, password, ct) is { } fault)
            {
                await notices.FailedAsync(account, watch.Lease, fault.Message, null, ct);
                return;
            }

            try
            {
                await FollowAsync(client, account, reader, watch, mayListen, ct);
            }
            catch (Exception exception) when (!ct.IsCancellationRequested)
            {
                var explained = OpeningFaults.Explain(opening, exception, password, client.Timeout / 1000);
                await notices.FailedAsync(account, watch.Lease, explained?.Message, exception, ct);
            }
        }
        finally
        {
            await client.LeaveAsync();
        }
    }

    private async Task FollowAsync(
        ImapClient client, EmailAccount account, MailboxReader reader, MailboxWatch watch, Func<bool> mayListen, CancellationToken ct)
    {
        var (inbox, hasNews, failures) = (client.Inbox, false, reader.Failures);
        await inbox.OpenAsync(FolderAccess.ReadOnly, ct);
        var last = await StartAsync(inbox, account, reader, watch.Lease, ct);
        inbox.CountChanged += (_, _) =>
        {
            hasNews = true;
            watch.Wake();
        };
        do
        {
            do
            {
                hasNews = false;
                last = await ReadNewAsync(inbox, account, reader, last, watch.Lease, ct);
            }
            while (hasNews);

            await progress.SucceededAsync(watch.Lease, ct);
            await notices.SettleAsync(account, failures, ct);
            failures = 0;
            if (watch.IsOutdated || !client.Capabilities.HasFlag(ImapCapabilities.Idle) || !mayListen())
            {
                return;
            }

            await watch.ListenAsync(TimeSpan.FromMinutes(options.Value.IdleMinutes), clock, client.IdleAsync, ct);
            await client.NoOpAsync(ct);
        }
        while (!watch.IsOutdated);
    }

    // Where it was left; mail that was there before the mailbox is not for us.
    private async Task<long> StartAsync(IMailFolder inbox, EmailAccount account, MailboxReader reader, ReaderLease lease, CancellationToken ct)
    {
        var source = MailboxReader.SourceOf(account.ImapSettings!);
        if (reader.UidValidity == inbox.UidValidity && reader.Source == source)
        {
            return reader.LastUid;
        }

        var last = await MailFetch.StartAsync(inbox, reader.UidValidity is null ? null : reader.LastRead, ct);
        Keep(await progress.StartAsync(lease, source, inbox.UidValidity, last, ct));
        return last;
    }

    private async Task<long> ReadNewAsync(IMailFolder inbox, EmailAccount account, MailboxReader reader, long last, ReaderLease lease, CancellationToken ct)
    {
        foreach (var arrival in await fetch.SinceAsync(inbox, last, ct))
        {
            // What has failed before is what comes first.
            var mayPassBy = last == reader.LastUid && reader.Stuck >= options.Value.FailuresUntilPassedBy;
            await fetch.UseAsync(inbox, arrival, raw => TakeAsync(
                account, arrival, new MailReceived(account.TenantId, account.Id, account.Email, inbox.UidValidity, arrival.Uid.Id, arrival.Received, raw), mayPassBy, ct), ct);
            last = arrival.Uid.Id;
            Keep(await progress.PassAsync(lease, last, ct));
        }

        return last;
    }

    private async Task TakeAsync(EmailAccount account, Arrival arrival, MailReceived mail, bool mayPassBy, CancellationToken ct)
    {
        try
        {
            await PublishAsync(mail, ct);
        }
        catch (Exception exception) when (mayPassBy && !ct.IsCancellationRequested)
        {
            // Whatever it is that cannot be taken, it must not keep all that came after it.
            await notices.PassedByAsync(account, arrival, exception, ct);
        }
    }

    // Each in a scope of its own: what is left of one must not touch the next.
    private async Task PublishAsync(MailReceived mail, CancellationToken ct)
    {
        await using var scope = scopes.CreateTenantScope(mail.TenantId);
        await scope.ServiceProvider.GetRequiredService<IPublisher>().Publish(mail, ct);
    }

    private static void Keep(bool isOurs)
    {
        if (!isOurs)
        {
            throw new OperationCanceledException("Another host reads it now.");
        }
    }
}
