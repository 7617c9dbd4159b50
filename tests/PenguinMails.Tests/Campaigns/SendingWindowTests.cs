using PenguinMails.Campaigns;

namespace PenguinMails.Tests.Campaigns;

public sealed class SendingWindowTests
{
    private static readonly DateTimeOffset Since = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Windows in hours that clocks skip, repeat or cut, on any days.</summary>
    [Fact]
    public void In_every_zone_around_every_change_of_clocks_it_is_the_first_minute_inside_the_window()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var changes = 0;
        foreach (var zone in TimeZoneInfo.GetSystemTimeZones())
        {
            foreach (var change in Changes(zone))
            {
                changes++;
                for (var round = 0; round < 3; round++)
                {
                    var window = AWindow(random, zone, change);
                    var now = change.AddSeconds(random.Next(-2 * 86_400, 86_400));
                    IsFirst(window, zone, now, seed);
                }
            }
        }

        changes.ShouldBeGreaterThan(500);
    }

    [Fact]
    public void It_is_closed_on_a_day_whose_only_hour_the_clocks_skip()
    {
        // 29 March 2026, a Sunday: from 02:00 to 03:00.
        var window = new SendingWindow("Europe/Berlin", new TimeOnly(2, 0), new TimeOnly(3, 0), [7]);

        window.Next(new DateTimeOffset(2026, 3, 28, 12, 0, 0, TimeSpan.Zero)).ShouldBe(new DateTimeOffset(2026, 4, 5, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void It_opens_at_the_first_of_two_hours_of_one_name_and_again_at_the_second()
    {
        // 25 October 2026, a Sunday: 02:00 to 03:00 comes twice.
        var window = new SendingWindow("Europe/Berlin", new TimeOnly(2, 15), new TimeOnly(2, 45), [7]);

        var first = window.Next(new DateTimeOffset(2026, 10, 24, 12, 0, 0, TimeSpan.Zero));
        first.ShouldBe(new DateTimeOffset(2026, 10, 25, 0, 15, 0, TimeSpan.Zero));
        window.Next(first.AddMinutes(30)).ShouldBe(first.AddHours(1));
    }

    [Fact]
    public void It_goes_on_where_the_clocks_are_put_back_into_it()
    {
        var window = new SendingWindow("Europe/Berlin", new TimeOnly(1, 0), new TimeOnly(2, 30), [7]);

        window.Next(new DateTimeOffset(2026, 10, 25, 0, 40, 0, TimeSpan.Zero)).ShouldBe(new DateTimeOffset(2026, 10, 25, 1, 0, 0, TimeSpan.Zero));
    }

    private static void IsFirst(SendingWindow window, TimeZoneInfo zone, DateTimeOffset now, int seed)
    {
        var next = window.Next(now);

        var story = $"{window}, days {string.Join(' ', window.Days)}, at {now:u}: {next:u}; seed {seed}";
        next.ShouldBeGreaterThanOrEqualTo(now, story);
        IsInside(window, zone, next).ShouldBeTrue(story);
        // Whole minutes: windows and changes of clocks begin at them.
        for (var minute = now; minute < next; minute = new DateTimeOffset((minute.UtcTicks / TimeSpan.TicksPerMinute + 1) * TimeSpan.TicksPerMinute, TimeSpan.Zero))
        {
            if (IsInside(window, zone, minute))
            {
                Assert.Fail($"Passes over {minute:u}. {story}");
            }
        }
    }

    private static bool IsInside(SendingWindow window, TimeZoneInfo zone, DateTimeOffset instant)
    {
        var local = TimeZoneInfo.ConvertTime(instant, zone);
        var day = local.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)local.DayOfWeek;
        return window.Days.Contains((short)day) && local.TimeOfDay >= window.Start.ToTimeSpan() && local.TimeOfDay < window.End.ToTimeSpan();
    }

    // Begins within some hours of the change, on the clock of that day.
    private static SendingWindow AWindow(Random random, TimeZoneInfo zone, DateTimeOffset change)
    {
        var start = (int)TimeZoneInfo.ConvertTime(change, zone).TimeOfDay.TotalMinutes + random.Next(-150, 60);
        start = Math.Clamp(start, 0, 1438);
        var end = Math.Min(start + random.Next(1, random.Next(2) == 0 ? 90 : 720), 1439);
        var days = Enumerable.Range(1, 7).Where(_ => random.Next(4) > 0).Select(day => (short)day).ToArray();
        return new SendingWindow(
            zone.Id, TimeOnly.FromTimeSpan(TimeSpan.FromMinutes(start)), TimeOnly.FromTimeSpan(TimeSpan.FromMinutes(end)), days is [] ? [7] : days);
    }

    // Found by asking each day, then each minute of the day that differs.
    private static IEnumerable<DateTimeOffset> Changes(TimeZoneInfo zone)
    {
        for (var day = Since; day < Since.AddYears(3); day = day.AddDays(1))
        {
            if (zone.GetUtcOffset(day) != zone.GetUtcOffset(day.AddDays(1)))
            {
                yield return Enumerable.Range(1, 1440).Select(minute => day.AddMinutes(minute)).First(at => zone.GetUtcOffset(at) != zone.GetUtcOffset(day));
            }
        }
    }
}
