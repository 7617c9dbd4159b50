using PenguinMails.Infrastructure.Contracts;

namespace PenguinMails.Campaigns.Forecasts;

/// <summary>A step that a lead is foreseen to come to.</summary>
/// <param name="At">When; null where it does not, as far as can be foreseen.</param>
/// <param name="Note">For people: what it depends on.</param>
internal sealed record ForeseenStep(SequenceStep Step, DateTimeOffset? At, string? Note);

/// <summary>
/// Foresees when leads get what, as if they were the campaign's only ones and nobody opened, clicked or answered. The earliest comes first,
/// and a follow-up before a new lead: a mailbox sends one message after the other, within its day and the campaign's.
/// </summary>
/// <param name="steps">The active ones, in order.</param>
internal sealed class Forecast(Campaign campaign, IReadOnlyList<SequenceStep> steps, IEnumerable<MailboxLimit> limits, DateTimeOffset now)
{
    private readonly Timetable _timetable = new(campaign, limits, now);

    /// <returns>Of each lead all steps, in order.</returns>
    public IReadOnlyDictionary<Guid, IReadOnlyList<ForeseenStep>> Of(IReadOnlyList<ForecastLead> leads)
    {
        var queue = new PriorityQueue<ForecastLead, (DateTimeOffset, bool, int)>();
        var places = leads.Index().ToDictionary(row => row.Item, row => row.Index);
        foreach (var lead in leads)
        {
            queue.Enqueue(lead, (lead.Due, lead.IsNew, places[lead]));
        }

        while (queue.TryDequeue(out var lead, out _))
        {
            if (Advance(lead))
            {
                queue.Enqueue(lead, (lead.Due, lead.IsNew, places[lead]));
            }
        }

        return leads.ToDictionary(lead => lead.Lead.Id, lead => (IReadOnlyList<ForeseenStep>)[.. steps.Select(step => lead.Of(step))]);
    }

    /// <returns>Whether there is more to come.</returns>
    private bool Advance(ForecastLead lead)
    {
        switch (steps.FirstOrDefault(step => step.StepOrder >= lead.CurrentStep))
        {
            case null:
                return false;
            case { StepType: StepType.Wait } wait:
                lead.Come(wait, null);
                var end = wait.WaitEnd(lead.Due);
                lead.Due = end > lead.Due ? end : lead.Due;
                return true;
            case { StepType: StepType.Condition } condition:
                return Branch(lead, condition);
            case var email:
                return Send(lead, email);
        }
    }

    private static bool Branch(ForecastLead lead, SequenceStep condition)
    {
        var met = condition.IsMetBy(lead.Lead);
        lead.Due = met is null && condition.WindowEnd(lead.LastSent) is { } end && end > lead.Due ? end : lead.Due;
        lead.Come(condition, met switch { true => "Met.", false => "Not met.", null => "Not met, unless it happens by then." });
        var next = condition.Next(met == true);
        lead.CurrentStep = next ?? int.MaxValue;
        return next is not null;
    }

    private bool Send(ForecastLead lead, SequenceStep email)
    {
        if (!lead.IsNew && email.SendCondition is SendCondition.Opened or SendCondition.Clicked or SendCondition.Replied)
        {
            lead.PassBy(email, $"Only if the e-mail before was {email.SendCondition.Value.ToString().ToLowerInvariant()}.");
            return true;
        }

        if ((email.EmailAccountId ?? lead.MailboxId) is not { } mailbox)
        {
            lead.PassBy(email, "There is no usable mailbox.");
            return false;
        }

        if (_timetable.Next(lead, mailbox) is not { } at)
        {
            lead.PassBy(email, "The mailbox has nothing left to send within a year.");
            return false;
        }

        if (at > lead.Due)
        {
            // Whoever is due before then comes first.
            lead.Due = at;
            return true;
        }

        _timetable.Take(mailbox, at);
        lead.Come(email, null);
        lead.LastSent = at;
        return true;
    }
}
