using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using MimeKit;
using PenguinMails.Billing.Contracts;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Shared.Http;

namespace PenguinMails.Campaigns.Inbox;

/// <summary>
/// Sends a person's answer, as exactly as a campaign's messages: committed as sending before DATA and settled after. Nothing of it is
/// repeated by itself: a refusal for now is told to the person, who is there.
/// </summary>
internal sealed class ReplySender(CampaignsDb db, DeliveryTally tally, ISender modules, TimeProvider clock)
{
    // A server's answer is awaited for 10 minutes at most: whoever sent it is gone.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <summary>Answers that somebody was sending when their host died are in doubt.</summary>
    public Task DoubtAsync(Guid threadId, CancellationToken ct)
    {
        var since = clock.GetUtcNow() - Patience;
        return db.Database.ExecuteSqlAsync($"""
            UPDATE content.email_messages SET status = 'in_doubt', error = 'The host stopped while it was sent.'
            WHERE thread_id = {threadId} AND kind = 'reply' AND status = 'sending' AND updated < {since}
            """, ct);
    }

    /// <summary>Why nothing may be sent; null when it may.</summary>
    public async Task<ProblemHttpResult?> RefusalAsync(InboxThread thread, MailboxDetails? mailbox, CancellationToken ct)
    {
        if (mailbox is null)
        {
            return Problems.Unprocessable("emailAccountId", "The mailbox that was written to is deleted.");
        }

        if (!mailbox.Usable)
        {
            return Problems.Unprocessable("emailAccountId", mailbox.Problem!);
        }

        if (await modules.Send(new GetSendingPermission(await db.StoredBytesAsync(ct)), ct) is { MaySend: false } permission)
        {
            return permission.ToProblem();
        }

        var company = await db.Campaigns.Where(row => row.Id == thread.CampaignId).Select(row => (Guid?)row.CompanyId).SingleOrDefaultAsync(ct);
        var suppressed = await Suppression.HoldsAsync(db, thread.TenantId, company, thread.Participant, ct);
        return suppressed ? Problems.Unprocessable("to", "The address is suppressed: it must not be written to.") : null;
    }

    /// <summary>The mailbox's next turn.</summary>
    public async Task<SendTurn> TurnAsync(Guid mailbox, string to, CancellationToken ct) =>
        (await modules.Send(new ReserveSend(mailbox, MinGapSeconds: 0, [EmailAddress.DomainOf(to)]), ct)).Single();

    /// <summary>Sends it; the row and what it says are saved whatever becomes of it.</summary>
    /// <param name="message">New and added, or tracked and in doubt.</param>
    public async Task<SendOutcome> SendAsync(EmailMessage message, MimeMessage mime, MailboxDetails from, SendTurn turn, CancellationToken ct)
    {
        message.BeginSending(from, turn.SmtpIpAddressId, mime.Subject ?? "");
        var reservation = await modules.Send(new ReserveEmails(1), ct);
        try
        {
            return reservation.Granted == 0
                ? await SettleAsync(message, new SendOutcome(SendResult.Unreachable, DeliveryTally.UsedUp), reservation.Id)
                : await SendAsync(message, mime, from, turn, reservation.Id, ct);
        }
        finally
        {
            await tally.EndAsync(reservation.Id);
        }
    }

    private async Task<SendOutcome> SendAsync(EmailMessage message, MimeMessage mime, MailboxDetails from, SendTurn turn, Guid reservation, CancellationToken ct)
    {
        await using var outlet = await modules.Send(new OpenOutlet(from.Id, turn.SmtpIpAddressId), ct);
        // Only once a connection stands is it on its way.
        if (await outlet.ReadyAsync(ct) is { } problem)
        {
            return await SettleAsync(message, new SendOutcome(SendResult.Unreachable, problem), reservation);
        }

        outlet.Sign(mime);
        await db.SaveChangesAsync(ct);
        return await SettleAsync(message, await outlet.SendAsync(mime, CancellationToken.None), reservation);
    }

    // It was sent, whatever becomes of the request.
    private async Task<SendOutcome> SettleAsync(EmailMessage message, SendOutcome outcome, Guid reservation)
    {
        message.Settle(StatusOf(outcome.Result), outcome.Reply, clock.GetUtcNow());
        await db.SaveChangesAsync(CancellationToken.None);
        await tally.CountAsync(outcome.Result, message.EmailAccountId!.Value, message.SmtpIpAddressId, message.ToAddress, reservation, CancellationToken.None);
        return outcome;
    }

    private static MessageStatus StatusOf(SendResult result) => result switch
    {
        SendResult.Accepted => MessageStatus.Sent,
        SendResult.Rejected => MessageStatus.Bounced,
        SendResult.InDoubt => MessageStatus.InDoubt,
        _ => MessageStatus.Failed,
    };
}
