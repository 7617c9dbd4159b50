using System.Diagnostics;
using System.Globalization;

namespace PenguinMails.Benchmarks;

/// <summary>This program once more, for a part that must not share a process with what is measured.</summary>
internal sealed class Child : IAsyncDisposable
{
    private readonly Process _process;

    private Child(Process process, string answer) => (_process, Answer) = (process, answer);

    /// <summary>The first line that it wrote.</summary>
    public string Answer { get; }

    public int Port => int.Parse(Answer, CultureInfo.InvariantCulture);

    public static async Task<Child> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardInput = true };
        start.ArgumentList.Add(typeof(Child).Assembly.Location);
        arguments.ToList().ForEach(start.ArgumentList.Add);
        var process = Process.Start(start)!;
        return new Child(process, await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"{arguments[0]} has ended."));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
