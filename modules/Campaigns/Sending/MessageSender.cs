using System.Security.Cryptography;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MimeKit;
using MimeKit.Utils;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Infrastructure.Contracts;

namespace PenguinMails.Campaigns.Sending;

/// <summary>Sends one message: committed as sending before DATA, and its outcome together with the enrollment's next step after.</summary>
internal sealed class MessageSender(
    CampaignsDb db, MessageComposer composer, ISender modules, IOptions<SendingOptions> options, TimeProvider clock)
{
    // 5 minutes doubled each time: the tenth retry is past four days (RFC 5321, 4.5.4.1).
    private const int MostAttempts = 10;

    /// <returns>What became of it; null when it was not sent after all.</returns>
    public async Task<SendResult?> SendAsync(Draft draft, CancellationToken ct)
    {
        db.Attach(draft.Enrollment);
        if (!await StillMayAsync(draft, ct))
        {
            // The next round finds out why, and does what follows from it.
            draft.Enrollment.Postpone(clock.GetUtcNow(), "Changed while it was in hand.");
            await db.SaveChangesAsync(ct);
            return null;
        }

        MimeMessage mime;
        try
        {
            mime = composer.Compose(draft);
        }
        catch (TemplateFaultException fault) when (fault.IsOfTemplate)
        {
            await PauseAsync(draft, fault, ct);
            return null;
        }
        // Keys that cannot be read now can be later.
        catch (Exception fault) when (fault is not CryptographicException)
        {
            await FailAsync(draft, LiquidTemplates.WellFormed(fault.Message), ct);
            return null;
        }

        var message = Begin(draft, mime);
        // Fails when another host has taken over. From here on a crash leaves the message in doubt.
        draft.Enrollment.HoldLease(clock.GetUtcNow().AddSeconds(options.Value.LeaseSeconds));
        await db.SaveChangesAsync(ct);

        var outcome = await modules.Send(new SendMail(draft.Mailbox.Id, mime, draft.SmtpIpAddressId), ct);
        await SettleAsync(outcome, message, draft, ct);
        await db.SaveChangesAsync(ct);
        return outcome.Result;
    }

    // A pause or an unsubscribe holds at once, also for what had been planned before it.
    private Task<bool> StillMayAsync(Draft draft, CancellationToken ct) => db.Database.SqlQuery<bool>($"""
        SELECT campaigns.status = 'sending' AND leads.status = 'active'
            AND NOT is_suppressed(leads.tenant_id, campaigns.company_id, leads.email) AS "Value"
        FROM campaigns JOIN leads ON leads.tenant_id = campaigns.tenant_id
        WHERE campaigns.id = {draft.Enrollment.CampaignId} AND leads.id = {draft.Lead.Id}
        """).SingleOrDefaultAsync(ct);

    // With other values the template may well do: only this lead's message is given up, and shown as failed.
    private async Task FailAsync(Draft draft, string error, CancellationToken ct)
    {
        var message = Record(draft, draft.Queued?.MessageId ?? MimeUtils.GenerateMessageId(draft.Mailbox.Domain));
        message.BeginSending(draft.Mailbox, draft.SmtpIpAddressId, draft.Step.SubjectOverride ?? draft.Template.Subject);
        message.Settle(MessageStatus.Failed, error, clock.GetUtcNow());
        draft.Enrollment.Exit(ExitReason.Failed, error);
        await db.SaveChangesAsync(ct);
    }

    // It fails for every lead alike, by newer rules for example: nobody's turn is lost until somebody has mended it.
    private async Task PauseAsync(Draft draft, TemplateFaultException fault, CancellationToken ct)
    {
        var reason = $"The template '{draft.Template.Name}' cannot be sent: {fault.Message}";
        draft.Enrollment.Postpone(clock.GetUtcNow(), reason);
        await db.SaveChangesAsync(ct);
        await db.Campaigns.Where(row => row.Id == draft.Enrollment.CampaignId && row.Status == CampaignStatus.Sending)
            .ExecuteUpdateAsync(row => row
                .SetProperty(campaign => campaign.Status, CampaignStatus.Paused)
                .SetProperty(campaign => campaign.PauseReason, reason), ct);
    }

    private EmailMessage Begin(Draft draft, MimeMessage mime)
    {
        var message = Record(draft, mime.MessageId!);
        message.BeginSending(draft.Mailbox, draft.SmtpIpAddressId, mime.Subject ?? "");
        return message;
    }

    private EmailMessage Record(Draft draft, string messageId)
    {
        if (draft.Queued is { } queued)
        {
            db.Attach(queued);
            return queued;
        }

        var message = EmailMessage.Of(draft, messageId, clock.GetUtcNow());
        db.Messages.Add(message);
        return message;
    }

    private async Task SettleAsync(SendOutcome outcome, EmailMessage message, Draft draft, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var enrollment = draft.Enrollment;
        switch (outcome.Result)
        {
            case SendResult.Accepted:
                message.Settle(MessageStatus.Sent, outcome.Reply, now);
                enrollment.Sent(draft.Step, message, now);
                db.Events.Add(EmailEvent.Of(message, EventType.Sent, now));
                break;
            case SendResult.Deferred when enrollment.Attempts >= MostAttempts:
                message.Settle(MessageStatus.Failed, outcome.Reply, now);
                enrollment.Exit(ExitReason.Failed, outcome.Reply);
                break;
            case SendResult.Deferred:
                db.Events.Add(EmailEvent.Of(message, EventType.Deferred, now));
                goto case SendResult.Unreachable;
            case SendResult.Unreachable:
                message.Settle(MessageStatus.Queued, outcome.Reply, now);
                enrollment.Retry(now, outcome.Reply);
                break;
            case SendResult.Rejected:
                db.Attach(draft.Lead);
                message.Settle(MessageStatus.Bounced, outcome.Reply, now);
                draft.Lead.Bounce();
                enrollment.Exit(ExitReason.Bounced, outcome.Reply);
                db.Events.Add(EmailEvent.Of(message, EventType.Bounced, now));
                // Ahead of the rest: should that fail, the address is left alone all the same.
                await Suppression.AddAsync(db, draft.Lead, SuppressionReason.HardBounce, $"message {message.Id}", ct);
                break;
            case SendResult.InDoubt:
                message.Settle(MessageStatus.InDoubt, outcome.Reply, now);
                enrollment.HoldInDoubt();
                break;
        }
    }
}
