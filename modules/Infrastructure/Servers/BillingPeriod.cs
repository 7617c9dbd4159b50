namespace PenguinMails.Infrastructure.Servers;

/// <summary>
/// What one payment for a server covers: from its billing day to the next one, at midnight UTC, the end not included. In a month that
/// has no such day (29 to 31) it is the month's last.
/// </summary>
internal readonly record struct BillingPeriod(DateTimeOffset Start, DateTimeOffset End)
{
    /// <summary>The period that a moment lies in.</summary>
    public static BillingPeriod At(int billingDay, DateTimeOffset moment)
    {
        var utc = moment.UtcDateTime;
        var month = new DateOnly(utc.Year, utc.Month, 1);
        if (DateIn(month, billingDay) > moment)
        {
            month = month.AddMonths(-1);
        }

        return new BillingPeriod(DateIn(month, billingDay), DateIn(month.AddMonths(1), billingDay));
    }

    /// <summary>When the billing day of a month begins.</summary>
    public static DateTimeOffset DateIn(DateOnly month, int billingDay) => new(
        month.Year, month.Month, Math.Min(billingDay, DateTime.DaysInMonth(month.Year, month.Month)), 0, 0, 0, TimeSpan.Zero);
}
