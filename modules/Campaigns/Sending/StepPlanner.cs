using PenguinMails.Billing.Contracts;
using PenguinMails.Infrastructure.Contracts;

namespace PenguinMails.Campaigns.Sending;

/// <summary>Decides what comes next for an enrollment: a message to send, or a move that needs none.</summary>
internal sealed class StepPlanner(BatchData data, SendingPermission permission, DateTimeOffset now)
{
    /// <returns>What to send; null when the enrollment has been moved instead.</returns>
    public Draft? Plan(Enrollment enrollment)
    {
        if (data.OpenMessages[enrollment.Id].FirstOrDefault(message => message.Status == MessageStatus.Sending) is { } unfinished)
        {
            // Whoever began it is gone: it may have been delivered.
            unfinished.Settle(MessageStatus.InDoubt, "The host was lost while it was being sent.", now);
            enrollment.HoldInDoubt();
            return null;
        }

        var step = data.StepsByCampaign[enrollment.CampaignId].FirstOrDefault(step => step.StepOrder >= enrollment.CurrentStep);
        switch (step?.StepType)
        {
            case null:
                enrollment.Complete();
                return null;
            case StepType.Wait:
                enrollment.MoveOn(step, step.WaitEnd(now));
                return null;
            case StepType.Email:
                return PlanEmail(enrollment, step);
            case StepType.Condition:
            default:
                throw new InvalidOperationException("Conditions cannot be added yet.");
        }
    }

    private Draft? PlanEmail(Enrollment enrollment, SequenceStep step)
    {
        var (campaign, lead) = (data.Campaigns[enrollment.CampaignId], data.Leads[enrollment.LeadId]);
        if (ReasonToExit(enrollment, lead) is { } reason)
        {
            enrollment.Exit(reason);
        }
        else if (!permission.MaySend)
        {
            enrollment.Postpone(now.AddHours(1), permission.Reason ?? "The subscription does not allow sending.");
        }
        else if (campaign.Window.Next(now) is var opens && opens > now)
        {
            enrollment.Postpone(opens, "Outside the sending window.");
        }
        else if (MailboxOf(enrollment, step) is not { } mailbox)
        {
            enrollment.Retry(now, "No usable mailbox.");
        }
        else
        {
            var queued = data.OpenMessages[enrollment.Id].FirstOrDefault(message => message.StepId == step.Id);
            return new Draft(
                enrollment, lead, step, data.Templates[step.TemplateId!.Value], data.Companies[campaign.CompanyId], mailbox, campaign.MinGapSeconds, queued);
        }

        return null;
    }

    private ExitReason? ReasonToExit(Enrollment enrollment, Lead lead) => lead.Status switch
    {
        LeadStatus.Unsubscribed => ExitReason.Unsubscribed,
        LeadStatus.Bounced => ExitReason.Bounced,
        LeadStatus.Complained => ExitReason.Complained,
        LeadStatus.Archived => ExitReason.Removed,
        _ => data.Suppressed.Contains(enrollment.Id) ? ExitReason.Unsubscribed : null,
    };

    // The step's, or the lead's own from the first message on, or one of the campaign's, spread evenly.
    private MailboxDetails? MailboxOf(Enrollment enrollment, SequenceStep step)
    {
        var ids = step.EmailAccountId is { } named ? [named]
            : enrollment.EmailAccountId is { } sticky ? [sticky]
            : data.PoolByCampaign[enrollment.CampaignId];
        var usable = ids.Select(id => data.Mailboxes.GetValueOrDefault(id)).OfType<MailboxDetails>()
            .Where(mailbox => mailbox.Usable).OrderBy(mailbox => mailbox.Id).ToList();
        return usable.Count == 0 ? null : usable[(int)((uint)enrollment.LeadId.GetHashCode() % usable.Count)];
    }
}
