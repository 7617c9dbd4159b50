using System.Diagnostics;

namespace PenguinMails.Host.Embedded.Postgres;

internal sealed record CommandResult(int ExitCode, string Output);

/// <summary>Runs a program to its end and keeps what it said.</summary>
internal static class Command
{
    internal static async Task<CommandResult> RunAsync(
        string program, IEnumerable<string> arguments, CancellationToken ct, string? directory = null, bool capture = true)
    {
        using var process = Process.Start(Describe(program, arguments, directory, capture))!;
        process.StandardInput.Close();
        try
        {
            var output = capture ? process.StandardOutput.ReadToEndAsync(ct) : Task.FromResult("");
            var errors = capture ? process.StandardError.ReadToEndAsync(ct) : Task.FromResult("");
            await process.WaitForExitAsync(ct);
            return new CommandResult(process.ExitCode, (await output + await errors).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static ProcessStartInfo Describe(string program, IEnumerable<string> arguments, string? directory, bool capture)
    {
        // CreateNoWindow gives a Windows server a console of its own: Ctrl-C is for the host, which stops the server last.
        var start = new ProcessStartInfo(program, arguments)
        {
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = capture,
            RedirectStandardError = capture,
            WorkingDirectory = directory ?? "",
        };

        // PGDATA, PGPORT and their like describe somebody else's server.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        // Messages are read for what they say; and on macOS the server refuses to start in a broken locale.
        start.Environment["LC_ALL"] = "C";
        return start;
    }
}
