using PenguinMails.Host.Embedded.Postgres;

namespace PenguinMails.Tests.Processes;

/// <summary>PostgreSQL's programs for backups, which a server may come without.</summary>
internal sealed record PostgresTools(string Directory)
{
    private static readonly string[] Needed = ["pg_dump", "pg_dumpall", "pg_restore", "psql"];

    /// <summary>The server's own, or others that are not older than it; else the test is skipped with what is missing.</summary>
    public static async Task<PostgresTools> FindAsync(PostgresBinaries server, CancellationToken ct)
    {
        if (Has(server.Directory))
        {
            return new PostgresTools(server.Directory);
        }

        foreach (var directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Where(Has))
        {
            // "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
            var version = (await Command.RunAsync(Path.Combine(directory, "pg_dump"), ["--version"], ct)).Output.Split(' ');
            if (int.TryParse(version.ElementAtOrDefault(2)?.Split('.')[0], out var major) && major >= server.Major)
            {
                return new PostgresTools(directory);
            }
        }

        Assert.Skip($"pg_dump and pg_restore of PostgreSQL {server.Major} or later are not installed (Debian: postgresql-client).");
        return null!;
    }

    /// <summary>Runs one of them to its end, which must be a good one.</summary>
    public async Task RunAsync(string program, CancellationToken ct, params string[] arguments)
    {
        var done = await Command.RunAsync(Path.Combine(Directory, program), arguments, ct);
        done.ExitCode.ShouldBe(0, $"{program}: {done.Output}");
    }

    private static bool Has(string directory) => Needed.All(name => File.Exists(Path.Combine(directory, name)));
}
