namespace PenguinMails.Campaigns.Analytics;

/// <summary>Percentages with two digits; of nothing they are 0.</summary>
/// <param name="Delivered">Of those sent, as all that is not said otherwise.</param>
/// <param name="Opened">Of those delivered.</param>
/// <param name="Clicked">Of those delivered.</param>
internal sealed record Rates(
    decimal Delivered, decimal Opened, decimal Clicked, decimal Replied, decimal Bounced, decimal Complained, decimal Unsubscribed)
{
    public static Rates Of(Numbers numbers) => new(
        Percent(numbers.Delivered, numbers.Sent), Percent(numbers.Opened, numbers.Delivered), Percent(numbers.Clicked, numbers.Delivered),
        Percent(numbers.Replied, numbers.Sent), Percent(numbers.Bounced, numbers.Sent), Percent(numbers.Complained, numbers.Sent),
        Percent(numbers.Unsubscribed, numbers.Sent));

    private static decimal Percent(long part, long whole) => whole == 0 ? 0 : Math.Round(100m * part / whole, 2);
}

/// <param name="Key">An id, a receiver or a day; null for what belongs to none.</param>
/// <param name="Name">For people; null where it is deleted.</param>
/// <param name="ExecutedCount">Of a step: how often it was carried out, ever.</param>
/// <param name="LastExecuted">Of a step.</param>
internal sealed record AnalyticsRow(
    string? Key, string? Name, long Sent, long Delivered, long Opened, long Clicked, long Replied, long Bounced, long Complained,
    long Unsubscribed, long Deferred, long Failed, Rates Rates, int? ExecutedCount, DateTimeOffset? LastExecuted)
{
    public static AnalyticsRow Of(Numbers numbers, string? name, SequenceStep? step = null) => new(
        numbers.Key, name, numbers.Sent, numbers.Delivered, numbers.Opened, numbers.Clicked, numbers.Replied, numbers.Bounced, numbers.Complained,
        numbers.Unsubscribed, numbers.Deferred, numbers.Failed, Rates.Of(numbers), step?.ExecutedCount, step?.LastExecuted);
}

/// <param name="From">The first day, UTC.</param>
/// <param name="To">The last day, UTC.</param>
/// <param name="By">What there is a row for each of.</param>
internal sealed record AnalyticsReport(DateOnly From, DateOnly To, string By, IReadOnlyList<AnalyticsRow> Rows, AnalyticsRow Totals);
