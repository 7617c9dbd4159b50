using System.Diagnostics;
using PenguinMails.Host.Embedded;

namespace PenguinMails.Benchmarks;

/// <summary>How long it takes from the start of the AppHost's process until /health is well, its stores and the schema included.</summary>
internal static class StartBenchmark
{
    private const int Rounds = 3;

    public static async Task<IReadOnlyList<Result>> RunAsync()
    {
        var (cold, warm) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            var directory = Place.NewDirectory();
            cold.Add(await StartAsync(directory));
            warm.Add(await StartAsync(directory));
            Directory.Delete(directory, recursive: true);
            await Console.Error.WriteLineAsync($"start {round + 1}: cold {cold[^1]:F1} s, warm {warm[^1]:F1} s");
        }

        return
        [
            new Result("start to healthy without any data (cold)", Result.Median(cold), null, "s", 10),
            new Result("start to healthy with its data (warm)", Result.Median(warm), null, "s", 4),
        ];
    }

    private static async Task<double> StartAsync(string directory)
    {
        var url = $"http://127.0.0.1:{LoopbackPort.Free()}";
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        string[] arguments = [AppHost(), "--environment=Development", $"--urls={url}", $"--Embedded:DataDirectory={directory}", "--Logging:LogLevel:Default=Error"];
        arguments.ToList().ForEach(start.ArgumentList.Add);
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        _ = process.StandardOutput.ReadToEndAsync();
        using var http = new HttpClient();
        while (!await IsHealthyAsync(http, url))
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException("The AppHost has ended.");
            }

            await Task.Delay(20);
        }

        var seconds = watch.Elapsed.TotalSeconds;
        await Place.TerminateAsync(process);
        return seconds;
    }

    private static async Task<bool> IsHealthyAsync(HttpClient http, string url)
    {
        try
        {
            using var answer = await http.GetAsync($"{url}/health");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    // Built beside this project, in the same configuration.
    private static string AppHost() => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory.Replace(Path.Combine("tests", "PenguinMails.Benchmarks"), "PenguinMails.AppHost", StringComparison.Ordinal), "PenguinMails.AppHost.dll"));
}
