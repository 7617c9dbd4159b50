using MediatR;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Infrastructure.Inbound;

/// <summary>Notes that a mailbox cannot be read and, when that lasts, tells its tenant; and when it is over.</summary>
internal sealed class ReaderNotices(
    ReaderProgress progress, ISender modules, IOptions<InboundOptions> options, ILogger<ReaderNotices> log)
{
    private const string OurFault = "Something went wrong on our side; it is tried again.";

    /// <param name="words">What is wrong with the server or the log-in; null: neither is to blame.</param>
    public async Task FailedAsync(EmailAccount account, ReaderLease lease, string? words, Exception? exception, CancellationToken ct)
    {
        if (exception is OperationCanceledException)
        {
            // The lease is lost: whoever has it goes on.
            return;
        }

        if (words is null)
        {
            log.LogError(exception, "Mailbox {Mailbox} could not be read.", account.Id);
        }

        var failures = await progress.FailedAsync(lease, words ?? OurFault, isOurs: words is null, ct);
        if (failures >= options.Value.FailuresUntilNotice)
        {
            // No graver each hour that it lasts: the words are the newest.
            await modules.Send(new RaiseNotification(
                "mailbox", "Replies cannot be read", $"The inbox of {account.Email} cannot be read: {words ?? OurFault}", "medium",
                KeyOf(account), account.TenantId), ct);
        }
    }

    /// <param name="failures">How many there had been in a row.</param>
    public async Task SettleAsync(EmailAccount account, int failures, CancellationToken ct)
    {
        if (failures >= options.Value.FailuresUntilNotice)
        {
            await modules.Send(new SettleNotification(KeyOf(account), account.TenantId, "The inbox is read again."), ct);
        }
    }

    /// <summary>A message is passed by for good: it stays in the inbox, where people can read it.</summary>
    public async Task PassedByAsync(EmailAccount account, Arrival arrival, Exception exception, CancellationToken ct)
    {
        log.LogError(exception, "Message {Uid} of mailbox {Mailbox} cannot be taken, and is passed by.", arrival.Uid.Id, account.Id);
        await modules.Send(new RaiseNotification(
            "mailbox", "A message could not be taken", $"A message that came to {account.Email} at {arrival.Received:u} is not in the unified inbox, nor counted: it is only in its mailbox.",
            "high", $"mailbox:{account.Id}:message:{arrival.Uid.Id}", account.TenantId), ct);
    }

    private static string KeyOf(EmailAccount account) => $"mailbox:{account.Id}:inbound";
}
