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

        return results.Any(row => row.Limit is { } limit && row.Figure > limit) ? 1 : 0;
    }

    public static double Median(IEnumerable<double> values) => Percentile(values, 0.5);

    public static double Percentile(IEnumerable<double> values, double part)
    {
        var sorted = values.Order().ToList();
        return sorted[Math.Min((int)(sorted.Count * part), sorted.Count - 1)];
    }
}
