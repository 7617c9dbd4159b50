namespace PenguinMails.Host.Embedded.Postgres;

/// <summary>One data directory and the server over it, driven through initdb and pg_ctl.</summary>
internal sealed class PostgresCluster(PostgresBinaries binaries, ServerHome home)
{
    // A data directory opens in its own major version only.
    internal string Data { get; } = Path.Combine(home.Directory, $"postgres-{binaries.Major}");
    internal string Log { get; } = Path.Combine(home.Directory, "postgres.log");

    internal async Task InitialiseAsync(string password, CancellationToken ct)
    {
        UnfinishedDirectory.Sweep(home.Directory);
        if (Directory.Exists(Data))
        {
            return;
        }

        var secret = Path.Combine(home.Directory, "initdb.password");
        try
        {
            SecretFile.Write(secret, password);
            await home.Account.OwnAsync(secret, ct);
            var made = await InitDbAsync(secret, ct);
            if (made.ExitCode != 0)
            {
                throw new InvalidOperationException($"initdb failed: {made.Output}");
            }
        }
        finally
        {
            File.Delete(secret);
        }
    }

    /// <summary>Starts the server in a session of its own, where Ctrl-C at the host's terminal does not reach it.</summary>
    /// <returns>The port it listens on.</returns>
    internal async Task<int> StartAsync(CancellationToken ct)
    {
        await NewLogAsync(ct);
        for (var attempt = 1; ; attempt++)
        {
            var port = LoopbackPort.Free();
            string[] start = ["start", "-w", "-s", "-t", "120", "-D", Data, "-l", Log, "-o", Options(port)];

            // Not to be cancelled: a pg_ctl killed half-way would leave a server nobody knows of. On Windows the server
            // inherits pg_ctl's output, which then never ends.
            var started = await home.Account.RunAsync(binaries.PgCtl, start, CancellationToken.None, capture: !OperatingSystem.IsWindows());
            if (started.ExitCode == 0)
            {
                return port;
            }

            var log = string.Join(Environment.NewLine, File.ReadLines(Log).TakeLast(20));
            if (attempt == 5 || !log.Contains("could not bind", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"PostgreSQL did not start. {started.Output} The end of {Log}:{Environment.NewLine}{log}");
            }
        }
    }

    internal async Task<bool> IsRunningAsync(CancellationToken ct) =>
        File.Exists(Path.Combine(Data, "postmaster.pid"))
        && (await home.Account.RunAsync(binaries.PgCtl, ["status", "-D", Data], ct)).ExitCode == 0;

    /// <summary>Stops the server and waits for it; clients are cut off.</summary>
    internal async Task StopAsync()
    {
        foreach (var mode in new[] { "fast", "immediate" })
        {
            string[] stop = ["stop", "-w", "-s", "-t", "60", "-m", mode, "-D", Data];
            var stopped = await home.Account.RunAsync(binaries.PgCtl, stop, CancellationToken.None);
            if (stopped.ExitCode == 0 || !await IsRunningAsync(CancellationToken.None))
            {
                return;
            }
        }
    }

    private async Task<CommandResult> InitDbAsync(string secret, CancellationToken ct)
    {
        var made = new CommandResult(1, "");
        foreach (var locale in Locales())
        {
            made = await InitDbAsync(secret, locale, ct);
            if (!made.Output.Contains("invalid locale", StringComparison.Ordinal))
            {
                break;
            }
        }

        return made;
    }

    private async Task<CommandResult> InitDbAsync(string secret, string[] locale, CancellationToken ct)
    {
        var unfinished = UnfinishedDirectory.Create(home.Directory);
        await home.Account.OwnAsync(unfinished.FullName, ct);
        string[] arguments =
        [
            "-D", unfinished.FullName, "-U", "postgres", "--auth=scram-sha-256", $"--pwfile={secret}", "--encoding=UTF8", "--no-instructions",
        ];
        var result = await home.Account.RunAsync(binaries.InitDb, arguments.Concat(locale), ct);
        if (result.ExitCode == 0)
        {
            unfinished.MoveTo(Data);
        }
        else
        {
            unfinished.Delete(recursive: true);
        }

        return result;
    }

    // Unicode rules that no upgrade of the operating system changes where they exist; plain C sorts the same everywhere.
    private IEnumerable<string[]> Locales() =>
        binaries.Major >= 17
            ? [["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]]
            : [["--locale=C.UTF-8"], ["--locale=C"]];

    private async Task NewLogAsync(CancellationToken ct)
    {
        if (File.Exists(Log))
        {
            File.Move(Log, Log + ".1", overwrite: true);
        }

        await File.Create(Log).DisposeAsync();
        await home.Account.OwnAsync(Log, ct);
    }

    // No socket file: its path would be too long in a deep clone.
    private static string Options(int port) => string.Join(
        ' ',
        $"-p {port}",
        "-c listen_addresses=127.0.0.1",
        "-c unix_socket_directories=",
        "-c cluster_name=penguinmails",
        "-c max_connections=200",
        "-c shared_buffers=128MB",
        "-c timezone=UTC",
        "-c log_timezone=UTC",
        "-c log_checkpoints=off");
}
