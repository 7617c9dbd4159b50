using System.Globalization;

namespace PenguinMails.Benchmarks;

/// <summary>One line of the table: what was measured, against what, and how much it may be.</summary>
/// <param name="Limit">Of the ratio, or of the value itself where there is no baseline; null where nothing was promised.</param>
internal sealed record Result(string Name, double Ours, double? Baseline, string Unit, double? Limit)
{
    private double Figure => Baseline is { } baseline ? Ours / baseline : Ours;

    /// <returns>0 where each keeps its limit, else 1.</returns>
    public static int Print(IReadOnlyList<Result> results)
    {
        Console.WriteLine($"{"",-64} {"ours",12} {"baseline",12} {"ratio",7} {"limit",7}");
        foreach (var row in results)
        {
            Console.WriteLine(
                $"{row.Name,-64} {row.Ours,9:F1} {row.Unit,-2} {row.Baseline,9:F1} {row.Unit,-2} {(row.Baseline is null ? "" : $"{row.Figure:F2}"),7} "
                + $"{row.Limit,7:F2} {(row.Limit is not { } limit ? "" : row.Figure <= limit ? "ok" : "OVER")}");
        }

        return ExitCode(results);
    }

    /// <summary>The same in Markdown.</summary>
    public static int PrintTable(IReadOnlyList<Result> results)
    {
        Console.WriteLine("| what | ours | baseline | ratio | limit |\n| --- | ---: | ---: | ---: | ---: |");
        foreach (var row in results)
        {
            var isOver = row.Limit is { } limit && row.Figure > limit;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {row.Name.Trim()} | {row.Measure(row.Ours)} | {row.Measure(row.Baseline)} | {(row.Baseline is null ? "" : $"{row.Figure:F2}")} | "
                + $"{(row.Baseline is null ? row.Measure(row.Limit) : $"{row.Limit:F2}")}{(isOver ? " **OVER**" : "")} |"));
        }

        return ExitCode(results);
    }

    private static int ExitCode(IReadOnlyList<Result> results) => results.Any(row => row.Limit is { } limit && row.Figure > limit) ? 1 : 0;

    private string Measure(double? value) => value is { } number
        ? string.Create(CultureInfo.InvariantCulture, $"{(number >= 100 ? $"{number:N0}" : $"{number:0.##}")} {Unit}").Trim()
        : "";

    public static double Median(IEnumerable<double> values) => Percentile(values, 0.5);

    public static double Percentile(IEnumerable<double> values, double part)
    {
        var sorted = values.Order().ToList();
        return sorted[Math.Min((int)(sorted.Count * part), sorted.Count - 1)];
    }
}
