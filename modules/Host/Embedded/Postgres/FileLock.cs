using System.Globalization;

namespace PenguinMails.Host.Embedded.Postgres;

/// <summary>A file held open exclusively: the operating system lets go of it however its process ends.</summary>
internal sealed class FileLock : IDisposable
{
    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    internal static FileLock? TryTake(string path)
    {
        try
        {
            return new FileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (e.GetType() == typeof(IOException))
        {
            return null;
        }
    }

    internal static async Task<FileLock> WaitAsync(string path, CancellationToken ct)
    {
        while (true)
        {
            if (TryTake(path) is { } taken)
            {
                return taken;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), ct);
        }
    }

    /// <summary>The lock a host holds for its life: what tells a live host's server from one that a killed host left behind.</summary>
    internal static FileLock TakeForHost(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);

            // The locked file itself can be read by nobody else.
            var holder = Path.Combine(directory, "host.pid");
            var taken = TryTake(Path.Combine(directory, "host.lock")) ?? throw new InvalidOperationException(
                $"{directory} is already in use by process {(File.Exists(holder) ? File.ReadAllText(holder) : "(unknown)")}. " +
                "Stop that host, or give this one another data directory.");
            File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return taken;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new InvalidOperationException($"{directory} belongs to another user ({e.Message}). Give this host another data directory.", e);
        }
    }

    public void Dispose() => _file.Dispose();
}
