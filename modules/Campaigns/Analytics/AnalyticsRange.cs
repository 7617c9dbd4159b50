using FastEndpoints;
using FluentValidation;

namespace PenguinMails.Campaigns.Analytics;

/// <summary>Which days are asked for, and in which form.</summary>
internal abstract record AnalyticsRange
{
    public const int MaxDays = 366;
    private const int UsualDays = 30;

    /// <summary>The first day, UTC. Absent: the 30 days up to the last.</summary>
    [QueryParam]
    public DateOnly? From { get; init; }

    /// <summary>The last day, UTC. Absent: today.</summary>
    [QueryParam]
    public DateOnly? To { get; init; }

    /// <summary>What there is a row for each of. Absent: day.</summary>
    [QueryParam]
    public string? By { get; init; }

    /// <summary>json, or csv for a file. Absent: json.</summary>
    [QueryParam]
    public string? Format { get; init; }

    // What is nearer to the beginning of time PostgreSQL takes for eternity.
    internal static readonly DateOnly Earliest = new(2000, 1, 1);

    internal string Grouping => By ?? "day";

    internal bool IsCsv => Format == "csv";

    /// <returns>The first and the last day.</returns>
    internal (DateOnly From, DateOnly To) Days(DateTimeOffset now)
    {
        var to = To ?? DateOnly.FromDateTime(now.UtcDateTime);
        return (From ?? to.AddDays(1 - Math.Min(UsualDays, to.DayNumber)), to);
    }
}

/// <summary>The bounds of what is asked for.</summary>
internal static class AnalyticsRangeRules
{
    public static void AddRangeRules<T>(this AbstractValidator<T> rules, TimeProvider clock, params string[] groupings) where T : AnalyticsRange
    {
        rules.RuleFor(range => range.By).Must(by => by is null || groupings.Contains(by)).WithMessage($"'by' is one of {string.Join(", ", groupings)}.");
        rules.RuleFor(range => range.Format).Must(format => format is null or "json" or "csv").WithMessage("'format' is json or csv.");
        rules.RuleFor(range => range.From).GreaterThanOrEqualTo(AnalyticsRange.Earliest);
        rules.RuleFor(range => range.To).InclusiveBetween(AnalyticsRange.Earliest.AddDays(AnalyticsRange.MaxDays), new DateOnly(9000, 1, 1));
        rules.RuleFor(range => range.From).Must((range, _) => range.Days(clock.GetUtcNow()) is var (from, to) && from <= to)
            .WithMessage("'from' must not be after 'to'.");
        rules.RuleFor(range => range.From)
            .Must((range, _) => range.Days(clock.GetUtcNow()) is var (from, to) && to.DayNumber - from.DayNumber < AnalyticsRange.MaxDays)
            .WithMessage($"'from' and 'to' may be at most {AnalyticsRange.MaxDays} days.");
    }
}
