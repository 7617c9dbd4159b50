using CsCheck;
using PenguinMails.Infrastructure.Servers;

namespace PenguinMails.Tests.Infrastructure;

public sealed class BillingPeriodTests
{
    private static readonly Gen<DateTimeOffset> Moments = Gen.DateTime[new DateTime(2020, 1, 1), new DateTime(2040, 1, 1)]
        .Select(moment => new DateTimeOffset(DateTime.SpecifyKind(moment, DateTimeKind.Utc)));

    [Theory]
    [InlineData(1, "2026-03-01T00:00:00Z", "2026-03-01", "2026-04-01")]
    [InlineData(15, "2026-03-14T23:59:59Z", "2026-02-15", "2026-03-15")]
    [InlineData(15, "2026-03-15T00:00:00Z", "2026-03-15", "2026-04-15")]
    [InlineData(31, "2026-02-15T00:00:00Z", "2026-01-31", "2026-02-28")]
    [InlineData(31, "2026-02-28T00:00:00Z", "2026-02-28", "2026-03-31")]
    [InlineData(31, "2026-04-30T12:00:00Z", "2026-04-30", "2026-05-31")]
    [InlineData(30, "2028-02-29T00:00:00Z", "2028-02-29", "2028-03-30")]
    [InlineData(29, "2027-02-28T08:00:00Z", "2027-02-28", "2027-03-29")]
    [InlineData(10, "2026-01-05T00:00:00Z", "2025-12-10", "2026-01-10")]
    [InlineData(15, "2026-03-15T01:00:00+02:00", "2026-02-15", "2026-03-15")]
    public void A_period_runs_from_billing_day_to_billing_day_in_UTC(int day, string moment, string start, string end)
    {
        var period = BillingPeriod.At(day, DateTimeOffset.Parse(moment, System.Globalization.CultureInfo.InvariantCulture));

        period.Start.UtcDateTime.ToString("yyyy-MM-dd").ShouldBe(start);
        period.End.UtcDateTime.ToString("yyyy-MM-dd").ShouldBe(end);
        (period.Start.TimeOfDay, period.End.TimeOfDay, period.Start.Offset).ShouldBe((TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero));
    }

    [Fact]
    public void Periods_tile_time_whatever_the_day() => Gen.Select(Gen.Int[1, 31], Moments).Sample((day, moment) =>
    {
        var period = BillingPeriod.At(day, moment);

        period.Start.ShouldBeLessThanOrEqualTo(moment);
        period.End.ShouldBeGreaterThan(moment);
        BillingPeriod.At(day, period.Start).ShouldBe(period);
        BillingPeriod.At(day, period.End.AddTicks(-1)).ShouldBe(period);
        BillingPeriod.At(day, period.End).Start.ShouldBe(period.End);
        BillingPeriod.At(day, period.Start.AddTicks(-1)).End.ShouldBe(period.Start);
        var last = DateTime.DaysInMonth(period.End.Year, period.End.Month);
        period.End.Day.ShouldBe(Math.Min(day, last));
        (period.End - period.Start).TotalDays.ShouldBeInRange(28, 31);
    });
}
