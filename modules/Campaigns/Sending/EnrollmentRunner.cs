using MediatR;
using Microsoft.EntityFrameworkCore;
using MimeKit;
using PenguinMails.Billing.Contracts;
using PenguinMails.Campaigns.Data;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Sending;

/// <summary>Takes one claimed enrollment through its next step.</summary>
internal sealed class EnrollmentRunner(CampaignsDb db, MessageComposer composer, ISender modules, TimeProvider clock)
{
    // 5 minutes doubled each time: the eleventh is past four days (RFC 5321, 4.5.4.1).
    private const int MostAttempts = 10;

    public async Task RunAsync(Guid enrollmentId, Guid owner, SendingPermission permission, CancellationToken ct)
    {
        var enrollment = await db.Enrollments.SingleOrDefaultAsync(row => row.Id == enrollmentId && row.LeaseOwner == owner, ct);
        if (enrollment is null)
        {
            return;
        }

        if (await UnfinishedAsync(enrollment, ct) is { } unfinished)
        {
            // Whoever began it is gone: it may have been delivered.
            unfinished.Settle(MessageStatus.InDoubt, "The connection or the host was lost while it was being sent.", clock.GetUtcNow());
            enrollment.HoldInDoubt();
        }
        else
        {
            await StepAsync(enrollment, permission, ct);
        }

        await db.SaveChangesAsync(ct);
    }

    private Task<EmailMessage?> UnfinishedAsync(Enrollment enrollment, CancellationToken ct) => db.Messages
        .SingleOrDefaultAsync(message => message.CampaignLeadId == enrollment.Id && message.Status == MessageStatus.Sending, ct);

    private async Task StepAsync(Enrollment enrollment, SendingPermission permission, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var step = await db.Steps.Where(row => row.CampaignId == enrollment.CampaignId && row.IsActive && row.StepOrder >= enrollment.CurrentStep)
            .OrderBy(row => row.StepOrder).FirstOrDefaultAsync(ct);
        switch (step?.StepType)
        {
            case null:
                enrollment.Complete();
                break;
            case StepType.Wait:
                enrollment.MoveOn(step, step.WaitEnd(now));
                break;
            case StepType.Email when !permission.MaySend:
                enrollment.Postpone(now.AddHours(1), permission.Reason ?? "The subscription does not allow sending.");
                break;
            case StepType.Email:
                await EmailAsync(enrollment, step, ct);
                break;
            case StepType.Condition:
                throw new InvalidOperationException("Conditions cannot be added yet.");
        }
    }

    private async Task EmailAsync(Enrollment enrollment, SequenceStep step, CancellationToken ct)
    {
        var campaign = await db.Campaigns.SingleAsync(row => row.Id == enrollment.CampaignId, ct);
        var lead = await db.Leads.SingleAsync(row => row.Id == enrollment.LeadId, ct);
        if (await ExitReasonAsync(campaign, lead, ct) is { } reason)
        {
            enrollment.Exit(reason);
            return;
        }

        var now = clock.GetUtcNow();
        if (campaign.Window.Next(now) is var opens && opens > now)
        {
            enrollment.Postpone(opens, "outside the sending window");
            return;
        }

        if (await MailboxAsync(enrollment, step, ct) is not { Usable: true } mailbox)
        {
            enrollment.Retry(now, "no usable mailbox");
            return;
        }

        if ((await modules.Send(new ReserveSend(mailbox.Id, campaign.MinGapSeconds), ct)) is { RetryAt: { } retryAt } refused)
        {
            enrollment.Postpone(retryAt, refused.Reason ?? "the mailbox is at its limit");
            return;
        }

        await SendAsync(campaign, enrollment, lead, step, mailbox, ct);
    }

    private async Task<ExitReason?> ExitReasonAsync(Campaign campaign, Lead lead, CancellationToken ct) => lead.Status switch
    {
        LeadStatus.Unsubscribed => ExitReason.Unsubscribed,
        LeadStatus.Bounced => ExitReason.Bounced,
        LeadStatus.Complained => ExitReason.Complained,
        LeadStatus.Archived => ExitReason.Removed,
        _ => await Suppression.CoversAsync(db, campaign.CompanyId, lead, ct) ? ExitReason.Unsubscribed : null,
    };

    // The lead's own from the first message on; before, the step's, or one of the campaign's, spread evenly.
    private async Task<MailboxDetails?> MailboxAsync(Enrollment enrollment, SequenceStep step, CancellationToken ct)
    {
        var ids = step.EmailAccountId is { } named ? [named]
            : enrollment.EmailAccountId is { } sticky ? [sticky]
            : await db.Mailboxes.Where(row => row.CampaignId == enrollment.CampaignId).Select(row => row.EmailAccountId).ToListAsync(ct);
        var mailboxes = await modules.Send(new GetMailboxes(ids), ct);
        var usable = mailboxes.Where(mailbox => mailbox.Usable).OrderBy(mailbox => mailbox.Id).ToList();
        return usable.Count == 0 ? null : usable[(int)((uint)enrollment.LeadId.GetHashCode() % usable.Count)];
    }

    private async Task SendAsync(
        Campaign campaign, Enrollment enrollment, Lead lead, SequenceStep step, MailboxDetails mailbox, CancellationToken ct)
    {
        var template = await db.Templates.SingleAsync(row => row.Id == step.TemplateId, ct);
        var company = await modules.Send(new GetCompany(campaign.CompanyId), ct)
            ?? throw new InvalidOperationException($"Company {campaign.CompanyId} is gone.");
        // Deferred or resent: the same message goes again.
        var message = await db.Messages.SingleOrDefaultAsync(
            row => row.CampaignLeadId == enrollment.Id && row.StepId == step.Id && row.Status == MessageStatus.Queued, ct);
        var mime = await composer.ComposeAsync(new Draft(enrollment, lead, step, template, company, mailbox), message?.MessageId);
        message ??= Add(enrollment, step, mime);
        (message.EmailAccountId, message.FromAddress, message.Subject) = (mailbox.Id, mailbox.Email, mime.Subject ?? "");
        message.BeginSending();
        // Fails when another host has taken over. From here on a crash leaves the message in doubt.
        enrollment.HoldLease(clock.GetUtcNow());
        await db.SaveChangesAsync(ct);
        var outcome = await modules.Send(new SendMail(mailbox.Id, mime), ct);

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await SettleAsync(outcome, message, enrollment, lead, step, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        if (outcome.Result == SendResult.Accepted)
        {
            await modules.Send(new CountUsage(UsageMetrics.Emails, 1), ct);
        }
    }

    private EmailMessage Add(Enrollment enrollment, SequenceStep step, MimeMessage mime)
    {
        var message = new EmailMessage
        {
            Id = Guid.CreateVersion7(),
            TenantId = enrollment.TenantId,
            Created = clock.GetUtcNow(),
            CampaignId = enrollment.CampaignId,
            CampaignLeadId = enrollment.Id,
            StepId = step.Id,
            LeadId = enrollment.LeadId,
            EmailAccountId = Guid.Empty,
            MessageId = mime.MessageId!,
            ToAddress = mime.To.Mailboxes.Single().Address,
            FromAddress = "",
            Subject = "",
        };
        db.Messages.Add(message);
        return message;
    }

    private async Task SettleAsync(
        SendOutcome outcome, EmailMessage message, Enrollment enrollment, Lead lead, SequenceStep step, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        switch (outcome.Result)
        {
            case SendResult.Accepted:
                message.Settle(MessageStatus.Sent, outcome.Reply, now);
                enrollment.Sent(step, message, now);
                Happened(message, "sent", now);
                await db.Steps.Where(row => row.Id == step.Id).ExecuteUpdateAsync(row => row
                    .SetProperty(counted => counted.ExecutedCount, counted => counted.ExecutedCount + 1)
                    .SetProperty(counted => counted.LastExecuted, now), ct);
                break;
            case SendResult.Deferred when enrollment.Attempts >= MostAttempts:
                message.Settle(MessageStatus.Failed, outcome.Reply, now);
                enrollment.Exit(ExitReason.Failed, outcome.Reply);
                break;
            case SendResult.Deferred:
                Happened(message, "deferred", now);
                goto case SendResult.Unreachable;
            case SendResult.Unreachable:
                message.Settle(MessageStatus.Queued, outcome.Reply, now);
                enrollment.Retry(now, outcome.Reply);
                break;
            case SendResult.Rejected:
                message.Settle(MessageStatus.Bounced, outcome.Reply, now);
                lead.Bounce();
                enrollment.Exit(ExitReason.Bounced, outcome.Reply);
                Happened(message, "bounced", now);
                await Suppression.AddAsync(db, lead, SuppressionReason.HardBounce, $"message {message.Id}", ct);
                break;
            case SendResult.InDoubt:
                message.Settle(MessageStatus.InDoubt, outcome.Reply, now);
                enrollment.HoldInDoubt();
                break;
        }
    }

    private void Happened(EmailMessage message, string type, DateTimeOffset now) => db.Events.Add(new EmailEvent
    {
        Id = Guid.CreateVersion7(),
        TenantId = message.TenantId,
        Created = now,
        MessageId = message.Id,
        CampaignId = message.CampaignId,
        LeadId = message.LeadId,
        EventType = type,
        Occurred = now,
    });
}
