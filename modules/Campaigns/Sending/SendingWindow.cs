namespace PenguinMails.Campaigns;

/// <summary>When a campaign may send: some hours of some weekdays in a zone.</summary>
/// <param name="Timezone">IANA name.</param>
/// <param name="Days">ISO weekdays, 1 is Monday.</param>
internal sealed record SendingWindow(string Timezone, TimeOnly Start, TimeOnly End, IReadOnlyCollection<short> Days)
{
    // The only day of a week may have its hours skipped by the clocks: then it is the week after.
    private const int MostDaysAhead = 15;

    /// <summary>The first instant at or after <paramref name="now"/> inside the window.</summary>
    public DateTimeOffset Next(DateTimeOffset now)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(Timezone);
        if (IsOpen(now, zone))
        {
            return now;
        }

        // From yesterday: clocks put back over midnight live through its end twice.
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);
        return Enumerable.Range(-1, MostDaysAhead + 1).Select(ahead => today.AddDays(ahead)).SelectMany(day => Openings(day, zone))
            .Where(instant => instant > now && IsOpen(instant, zone)).Min();
    }

    /// <summary>When the window opens on a day, whichever day that is.</summary>
    public DateTimeOffset OpensOn(DateOnly day)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(Timezone);
        return Openings(day, zone).Where(instant => TimeZoneInfo.ConvertTime(instant, zone).DateTime is var local
            && DateOnly.FromDateTime(local) == day && IsHour(local)).DefaultIfEmpty(Openings(day, zone).First()).Min();
    }

    private bool IsOpen(DateTimeOffset instant, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(instant, zone).DateTime;
        return Days.Contains((short)(local.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)local.DayOfWeek)) && IsHour(local);
    }

    private bool IsHour(DateTime local) => TimeOnly.FromDateTime(local) is var time && time >= Start && time < End;

    // When it may open on a day: at its start, which comes twice where clocks are put back over it; and when they are put, in
    // spring past its start, in autumn back into it.
    private IEnumerable<DateTimeOffset> Openings(DateOnly day, TimeZoneInfo zone)
    {
        var midnight = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        // Wherever it is, the day lies between these.
        var (from, to) = (midnight.AddHours(-15), midnight.AddHours(39));
        var (before, after) = (zone.GetUtcOffset(from), zone.GetUtcOffset(to));
        yield return (midnight + Start.ToTimeSpan()) - before;
        if (before != after)
        {
            yield return (midnight + Start.ToTimeSpan()) - after;
            yield return Change(from, to, zone);
        }
    }

    /// <summary>The first instant of the later offset.</summary>
    private static DateTimeOffset Change(DateTimeOffset from, DateTimeOffset to, TimeZoneInfo zone)
    {
        var before = zone.GetUtcOffset(from);
        while ((to - from).Ticks > 1)
        {
            var middle = from + ((to - from) / 2);
            (from, to) = zone.GetUtcOffset(middle) == before ? (middle, to) : (from, middle);
        }

        return to;
    }
}
