namespace PenguinMails.Benchmarks;

/// <summary>The README's table: one measurement after the other, each over stores of its own, all in one run.</summary>
internal static class Table
{
    /// <param name="isQuick">Smaller sizes, in some five minutes: costs that come once weigh more than they should.</param>
    public static async Task<IReadOnlyList<Result>> RunAsync(bool isQuick)
    {
        var results = new List<Result>();
#if !ASPIRE
        // With Aspire the AppHost starts containers, which says nothing about the host.
        results.AddRange(await StartBenchmark.RunAsync());
#endif
        (string Name, Func<Place, Task<IReadOnlyList<Result>>> Run)[] all =
        [
            ("reads", ReadBenchmark.RunAsync),
            ("pages", place => PageBenchmark.RunAsync(place, isQuick ? 5 : 15)),
            ("import", place => ImportBenchmark.RunAsync(place, isQuick ? 100_000 : 1_000_000)),
            ("claims", place => ClaimBenchmark.RunAsync(place, isQuick ? 20_000 : 100_000)),
            ("sending", place => SendBenchmark.RunAsync(place, isQuick ? 10_000 : 20_000)),
            ("shutdown", ShutdownBenchmark.RunAsync),
        ];
        foreach (var (name, run) in all)
        {
            await Console.Error.WriteLineAsync($"{name} ...");
            await using var place = await Place.OpenAsync();
            results.AddRange(await run(place));
        }

        return results;
    }
}
