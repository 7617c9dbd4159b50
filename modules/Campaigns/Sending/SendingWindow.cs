namespace PenguinMails.Campaigns;

/// <summary>When a campaign may send: some hours of some weekdays in a zone.</summary>
/// <param name="Timezone">IANA name.</param>
/// <param name="Days">ISO weekdays, 1 is Monday.</param>
internal sealed record SendingWindow(string Timezone, TimeOnly Start, TimeOnly End, IReadOnlyCollection<short> Days)
{
    /// <summary>The first instant at or after <paramref name="now"/> inside the window.</summary>
    public DateTimeOffset Next(DateTimeOffset now)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(Timezone);
        var local = TimeZoneInfo.ConvertTime(now, zone);
        var today = DateOnly.FromDateTime(local.DateTime);
        if (IsDay(today) && TimeOnly.FromDateTime(local.DateTime) is var time && time >= Start && time < End)
        {
            return now;
        }

        var opens = Enumerable.Range(0, 8).Select(ahead => today.AddDays(ahead)).Where(IsDay)
            .Select(day => Instant(day.ToDateTime(Start), zone)).First(instant => instant > now);
        return opens;
    }

    /// <summary>When the window opens on a day, whichever day that is.</summary>
    public DateTimeOffset OpensOn(DateOnly day) => Instant(day.ToDateTime(Start), TimeZoneInfo.FindSystemTimeZoneById(Timezone));

    private bool IsDay(DateOnly day) => Days.Contains((short)(day.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)day.DayOfWeek));

    // A time that the clocks skip in spring opens when they have moved on.
    private static DateTimeOffset Instant(DateTime local, TimeZoneInfo zone)
    {
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(15);
        }

        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
