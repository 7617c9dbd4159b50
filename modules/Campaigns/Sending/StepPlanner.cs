using PenguinMails.Infrastructure.Contracts;

namespace PenguinMails.Campaigns.Sending;

/// <summary>Decides what comes next for an enrollment: a message to send, or moves that need none.</summary>
/// <param name="shares">How many messages each mailbox may still send in this batch; what is planned is taken off.</param>
internal sealed class StepPlanner(CampaignPlan plan, BatchRows rows, IDictionary<Guid, int> shares, DateTimeOffset now)
{
    private static readonly TimeSpan WithoutMailbox = TimeSpan.FromMinutes(15);

    private readonly List<Guid> _pool = [.. plan.Pool.Where(id => plan.Mailboxes.GetValueOrDefault(id) is { Usable: true })];

    /// <returns>What to send; null when the enrollment has been moved instead.</returns>
    public Draft? Plan(Enrollment enrollment)
    {
        var lead = rows.Leads[enrollment.LeadId];
        if (ReasonToExit(lead) is { } reason)
        {
            enrollment.Exit(reason);
            return null;
        }

        while (true)
        {
            switch (StepAt(plan.Steps, enrollment))
            {
                case null:
                    enrollment.Complete();
                    return null;
                case { StepType: StepType.Wait } wait:
                    if (Pass(enrollment, wait, now))
                    {
                        return null;
                    }

                    break;
                case { StepType: StepType.Condition } condition:
                    if (!Branch(enrollment, condition, lead))
                    {
                        return null;
                    }

                    break;
                case var email when rows.SentMessages[enrollment.Id].FirstOrDefault(message => message.StepId == email.Id) is { } sent:
                    enrollment.Sent(email, sent, sent.Sent ?? now);
                    break;
                case var email when IsWanted(enrollment, email):
                    return PlanEmail(enrollment, email, lead);
                case var email:
                    enrollment.MoveOn(email, now);
                    break;
            }
        }
    }

    /// <summary>After a message: passes by what needs no decision, so that the enrollment is next looked at when there is one.</summary>
    public static void Proceed(IReadOnlyList<SequenceStep> steps, Enrollment enrollment, DateTimeOffset now)
    {
        while (StepAt(steps, enrollment) is { StepType: StepType.Wait } wait)
        {
            if (Pass(enrollment, wait, now))
            {
                break;
            }
        }

        switch (StepAt(steps, enrollment))
        {
            case null:
                enrollment.Complete();
                break;
            case { StepType: StepType.Email, EmailAccountId: { } named }:
                enrollment.Assign(named);
                break;
        }
    }

    private static SequenceStep? StepAt(IReadOnlyList<SequenceStep> steps, Enrollment enrollment) =>
        steps.FirstOrDefault(step => step.StepOrder >= enrollment.CurrentStep);

    /// <returns>Whether there is something to wait for.</returns>
    private static bool Pass(Enrollment enrollment, SequenceStep wait, DateTimeOffset now)
    {
        var end = wait.WaitEnd(now);
        enrollment.MoveOn(wait, end > now ? end : now);
        return end > now;
    }

    /// <returns>False where it waits.</returns>
    private bool Branch(Enrollment enrollment, SequenceStep condition, Lead lead)
    {
        if (IsMet(enrollment, condition, lead) is not { } met)
        {
            enrollment.WaitFor(EventOf(condition)!.Value, condition.WindowEnd(enrollment.LastSent)!.Value);
            return false;
        }

        if (condition.Next(met) is not { } next)
        {
            enrollment.Complete();
            return false;
        }

        enrollment.GoTo(next, now);
        return true;
    }

    /// <returns>Null while it may still come true.</returns>
    private bool? IsMet(Enrollment enrollment, SequenceStep condition, Lead lead) => condition.IsMetBy(lead)
        ?? (EventOf(condition) is { } type && Has(enrollment, type) ? true : now < condition.WindowEnd(enrollment.LastSent) ? null : false);

    private static EventType? EventOf(SequenceStep condition) => condition.ConditionType switch
    {
        ConditionType.EmailOpened => EventType.Opened,
        ConditionType.EmailClicked => EventType.Clicked,
        ConditionType.EmailReplied => EventType.Replied,
        _ => null,
    };

    private bool Has(Enrollment enrollment, EventType type) => enrollment.LastEmailId is { } last && rows.Happened.Contains((last, type));

    // About the e-mail before; the first one always goes.
    private bool IsWanted(Enrollment enrollment, SequenceStep email) => enrollment.LastEmailId is null || email.SendCondition switch
    {
        SendCondition.Always => true,
        SendCondition.NotOpened => !Has(enrollment, EventType.Opened),
        SendCondition.NotClicked => !Has(enrollment, EventType.Clicked),
        SendCondition.Opened => Has(enrollment, EventType.Opened),
        SendCondition.Clicked => Has(enrollment, EventType.Clicked),
        SendCondition.Replied => Has(enrollment, EventType.Replied),
        _ => !Has(enrollment, EventType.Replied),
    };

    private Draft? PlanEmail(Enrollment enrollment, SequenceStep step, Lead lead)
    {
        if (plan.Campaign.WindowFor(lead).Next(now) is var opens && opens > now)
        {
            enrollment.Postpone(opens, "Outside the sending window.");
            return null;
        }

        if (MailboxOf(enrollment, step) is not { } mailbox)
        {
            enrollment.Postpone(now + WithoutMailbox, "No usable mailbox.");
            return null;
        }

        enrollment.Assign(mailbox.Id);
        shares[mailbox.Id] = shares.TryGetValue(mailbox.Id, out var left) ? left - 1 : -1;
        var queued = rows.OpenMessages[enrollment.Id].FirstOrDefault(message => message.StepId == step.Id);
        // What goes again says the same, whatever the weights are now.
        var variant = queued is null
            ? plan.Texts.VariantOf(step, lead.Id)
            : plan.Texts.Variants[step.Id].FirstOrDefault(one => one.Id == queued.VariantId);
        return new Draft(
            plan.Campaign, enrollment, lead, step, variant, plan.Texts.TemplateOf(step, variant), plan.Company, mailbox, queued);
    }

    private ExitReason? ReasonToExit(Lead lead) => lead.Status switch
    {
        LeadStatus.Unsubscribed => ExitReason.Unsubscribed,
        LeadStatus.Bounced => ExitReason.Bounced,
        LeadStatus.Complained => ExitReason.Complained,
        LeadStatus.Archived => ExitReason.Removed,
        _ => rows.Suppressed.Contains(lead.Email) ? ExitReason.Unsubscribed : null,
    };

    // The step's, or the lead's own from the first message on, or one of the campaign's: the lead's stable one where it has room.
    private MailboxDetails? MailboxOf(Enrollment enrollment, SequenceStep step)
    {
        if ((step.EmailAccountId ?? (enrollment.LastEmailId is null ? null : enrollment.EmailAccountId)) is { } bound)
        {
            return plan.Mailboxes.GetValueOrDefault(bound) is { Usable: true } usable ? usable : null;
        }

        var withRoom = _pool.Where(id => shares.TryGetValue(id, out var left) && left > 0).ToList();
        return StableChoice.MailboxOf(enrollment.LeadId, withRoom.Count > 0 ? withRoom : _pool) is { } chosen ? plan.Mailboxes[chosen] : null;
    }
}
