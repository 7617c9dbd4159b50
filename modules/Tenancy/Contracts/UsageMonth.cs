namespace PenguinMails.Tenancy.Contracts;

/// <summary>The calendar month (UTC) that what is limited by month is counted of.</summary>
/// <param name="First">Its first day.</param>
public readonly record struct UsageMonth(DateOnly First)
{
    /// <summary>When it begins.</summary>
    public DateTimeOffset From => new(First.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    /// <summary>When it is over.</summary>
    public DateTimeOffset Until => From.AddMonths(1);

    /// <summary>The month that a moment belongs to.</summary>
    public static UsageMonth Of(DateTimeOffset moment) => new(new DateOnly(moment.UtcDateTime.Year, moment.UtcDateTime.Month, 1));
}
