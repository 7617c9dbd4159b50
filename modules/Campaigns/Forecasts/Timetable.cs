using PenguinMails.Infrastructure.Contracts;

namespace PenguinMails.Campaigns.Forecasts;

/// <summary>What mailboxes and campaign have room for: windows, gaps and days.</summary>
internal sealed class Timetable(Campaign campaign, IEnumerable<MailboxLimit> limits, DateTimeOffset now)
{
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(366);

    private readonly Dictionary<Guid, MailboxLimit> _limits = limits.ToDictionary(limit => limit.EmailAccountId);
    private readonly Dictionary<Guid, DateTimeOffset> _free = [];
    private readonly Dictionary<(Guid? Mailbox, DateOnly Day), int> _used = [];
    private readonly SendingWindow _days = new(campaign.Timezone, TimeOnly.MinValue, TimeOnly.MaxValue, [1, 2, 3, 4, 5, 6, 7]);

    /// <summary>The first time from when it is due that it may be sent; null where there is none within a year.</summary>
    public DateTimeOffset? Next(ForecastLead lead, Guid mailbox)
    {
        var (window, at) = (WindowOf(lead.Lead), lead.Due);
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
        Count(null, OwnDayOf(at));
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

        return campaign.DailyLimit is { } most && Used(null, OwnDayOf(at)) + UsedBefore(at) >= most ? NextOwnDay(at) : at;
    }

    private SendingWindow WindowOf(Lead lead) =>
        campaign.UseLeadTimezone && lead.Timezone is { } zone && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _)
            ? campaign.Window with { Timezone = zone }
            : campaign.Window;

    private int UsedBefore(DateTimeOffset at) => campaign.DayCountDate == OwnDayOf(at) ? campaign.DayCount : 0;

    private int Used(Guid? mailbox, DateOnly day) => _used.GetValueOrDefault((mailbox, day));

    private void Count(Guid? mailbox, DateOnly day) => _used[(mailbox, day)] = Used(mailbox, day) + 1;

    private static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    private DateOnly OwnDayOf(DateTimeOffset at) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, TimeZoneInfo.FindSystemTimeZoneById(campaign.Timezone)).DateTime);

    // The window of all days opens at midnight, wherever the clocks have moved to.
    private DateTimeOffset NextOwnDay(DateTimeOffset at)
    {
        var tomorrow = OwnDayOf(at).AddDays(1);
        var only = _days with { Days = [(short)(tomorrow.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)tomorrow.DayOfWeek)] };
        return only.Next(at);
    }
}
