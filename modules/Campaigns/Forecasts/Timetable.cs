using PenguinMails.Campaigns.Sending;
using PenguinMails.Infrastructure.Contracts;

namespace PenguinMails.Campaigns.Forecasts;

/// <summary>What mailboxes and campaign have room for: windows, gaps and days.</summary>
internal sealed class Timetable(Campaign campaign, IEnumerable<MailboxLimit> limits, DateTimeOffset now)
{
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(366);

    private readonly Dictionary<Guid, MailboxLimit> _limits = limits.ToDictionary(limit => limit.EmailAccountId);
    private readonly Dictionary<Guid, DateTimeOffset> _free = [];
    private readonly Dictionary<(Guid? Mailbox, DateOnly Day), int> _used = [];

    /// <summary>The first time from when it is due that it may be sent; null where there is none within a year.</summary>
    public DateTimeOffset? Next(ForecastLead lead, Guid mailbox)
    {
        var (window, at) = (campaign.WindowFor(lead.Lead), lead.Due);
        while (at <= now + Horizon)
        {
            var next = Later(mailbox, window.Next(at));
            if (next == at)
            {
                return at;
            }

            at = next;
        }

        return null;
    }

    /// <summary>Sends one then.</summary>
    public void Take(Guid mailbox, DateTimeOffset at)
    {
        _free[mailbox] = at.AddSeconds(campaign.MinGapSeconds);
        Count(mailbox, DayOf(at));
        Count(null, campaign.DayOf(at));
    }

    // One step towards the next room; the same where there is room.
    private DateTimeOffset Later(Guid mailbox, DateTimeOffset at)
    {
        if (_free.GetValueOrDefault(mailbox) is var free && free > at)
        {
            return free;
        }

        if (_limits.GetValueOrDefault(mailbox) is not { } limit || Used(mailbox, DayOf(at)) + (DayOf(at) == DayOf(now) ? limit.UsedToday : 0) >= limit.PerDay)
        {
            return new DateTimeOffset(DayOf(at).AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);
        }

        return campaign.DailyLimit is { } most && Used(null, campaign.DayOf(at)) + campaign.UsedOn(campaign.DayOf(at)) >= most ? campaign.NextDay(at) : at;
    }

    private int Used(Guid? mailbox, DateOnly day) => _used.GetValueOrDefault((mailbox, day));

    private void Count(Guid? mailbox, DateOnly day) => _used[(mailbox, day)] = Used(mailbox, day) + 1;

    private static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);
}
