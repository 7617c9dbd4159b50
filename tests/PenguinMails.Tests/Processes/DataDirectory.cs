namespace PenguinMails.Tests.Processes;

/// <summary>A data directory, warm after the first start, and thrown away at the end.</summary>
public sealed class DataDirectory : IAsyncLifetime
{
    public string Root { get; } = HostProcess.NewDataDirectory();

    /// <summary>What these tests ask of the machine.</summary>
    public static void NeedsUnix() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals and process lists are Unix's.");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        // A killed host leaves its server; the next one stops it.
        if (!OperatingSystem.IsWindows() && HostProcess.ServersOver(Root).Count > 0)
        {
            await using var last = await HostProcess.StartAsync(Root, CancellationToken.None);
        }

        Directory.Delete(Root, recursive: true);
    }
}
