using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Infrastructure.Contracts;

namespace PenguinMails.Campaigns.Inbound;

/// <summary>
/// Takes what comes into a mailbox: who answered, which address is no good, who complained. The message and all that follows from it are
/// one transaction, so that one that comes twice is taken once.
/// </summary>
internal sealed class ReceiveMail(
    CampaignsDb db, MailMatch match, InboxRows inbox, Effects effects, MessageEvents events, CampaignBrakes brakes, TimeProvider clock)
    : INotificationHandler<MailReceived>
{
    // How long a sender may take to finish what it has in hand.
    private const int Attempts = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public async Task Handle(MailReceived received, CancellationToken ct)
    {
        var mail = IncomingMail.Read(received);
        if (await match.IsOwnAsync(mail, ct) || await match.IsKnownAsync(mail, ct))
        {
            return;
        }

        for (var attempt = 1; !await TryAsync(mail, ct); attempt++)
        {
            if (attempt == Attempts)
            {
                throw new TimeoutException("The lead that a message is about is still in the hands of a sender: it is taken later.");
            }

            await Task.Delay(Pause, clock, ct);
        }

        foreach (var (message, type) in effects.Counted)
        {
            await events.CountAsync(message, type, ct);
        }

        foreach (var campaign in effects.Counted.Where(one => one.Type == EventType.Bounced).Select(one => one.Message.CampaignId).OfType<Guid>().Distinct())
        {
            await brakes.ApplyAsync(campaign, ct);
        }
    }

    private async Task<bool> TryAsync(IncomingMail mail, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        effects.Forget();
        var message = await match.FindAsync(mail, ct);
        if (message?.Status == MessageStatus.Sending && await IsInHandAsync(message, ct))
        {
            // It came before the server's answer to its sending was written.
            return false;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (!await KeepAsync(mail, message, ct))
        {
            effects.Forget();
            return true;
        }

        if (!await ApplyAsync(mail, message, ct))
        {
            return false;
        }

        await transaction.CommitAsync(ct);
        return true;
    }

    private Task<bool> IsInHandAsync(EmailMessage message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return db.Enrollments.AnyAsync(row => row.Id == message.CampaignLeadId && row.LeaseOwner != null && row.LeaseUntil > now, ct);
    }

    // False: it is here already.
    private async Task<bool> KeepAsync(IncomingMail mail, EmailMessage? message, CancellationToken ct)
    {
        var kind = mail.Verdict.Kind switch
        {
            MailKind.DeliveryNotice => InboxKind.Bounce,
            MailKind.Complaint => InboxKind.Complaint,
            MailKind.AutoReply => InboxKind.OutOfOffice,
            MailKind.Person or MailKind.OptOut when message is not null => InboxKind.Reply,
            _ => InboxKind.Other,
        };
        var thread = kind is InboxKind.Bounce or InboxKind.Complaint || mail.From.Length == 0
            ? (Guid?)null
            : await inbox.ThreadAsync(mail, message, kind == InboxKind.OutOfOffice ? 0 : 1, ct);
        return await inbox.AddAsync(mail, kind, message, thread, ct);
    }

    private async Task<bool> ApplyAsync(IncomingMail mail, EmailMessage? message, CancellationToken ct) => (mail.Verdict.Kind, message) switch
    {
        (MailKind.Person, { }) => await effects.RepliedAsync(message, mail.From, ct),
        (MailKind.DeliveryNotice, { }) => mail.Verdict.For(message.ToAddress) is not { } notice || await NoticedAsync(message, notice, ct),
        (MailKind.OptOut, _) => await StopAsync(mail, message, EventType.Unsubscribed, SuppressionReason.Unsubscribed, ct),
        (MailKind.Complaint, _) => await StopAsync(mail, message, EventType.Complained, SuppressionReason.Complaint, ct),
        _ => true,
    };

    private async Task<bool> NoticedAsync(EmailMessage message, RecipientNotice notice, CancellationToken ct)
    {
        switch (notice.Action)
        {
            case NoticeAction.Failed:
                return await effects.BouncedAsync(message, notice, ct);
            case NoticeAction.Delayed:
                await effects.NotedAsync(message, EventType.Deferred, notice, ct);
                return true;
            default:
                await effects.NotedAsync(message, EventType.Delivered, notice, ct);
                return true;
        }
    }

    // Whoever is known only by the address is left alone all the same.
    private async Task<bool> StopAsync(IncomingMail mail, EmailMessage? message, EventType type, SuppressionReason reason, CancellationToken ct)
    {
        string[] addresses = mail.Verdict.Recipients is [] ? [mail.From] : [.. mail.Verdict.Recipients.SelectMany(one => one.Addresses)];
        var lead = message is not null ? Effects.LeadOf(message)
            : await db.Leads.AsNoTracking().FirstOrDefaultAsync(row => addresses.Contains(row.Email), ct);
        return lead is null || await effects.StoppedAsync(lead, message, type, reason, null, ct);
    }
}
