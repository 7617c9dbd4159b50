using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PenguinMails.Host;
using PenguinMails.Host.Demo;
using PenguinMails.Shared.Database;

namespace PenguinMails.Benchmarks;

/// <summary>A host over stores of its own, which are thrown away, and a second one as a process of its own, whose memory is its alone.</summary>
internal sealed class Place : IAsyncDisposable
{
    private readonly string _directory;
    private readonly PenguinMailsHost _stores;
    private Process? _process;

    private Place(string directory, PenguinMailsHost stores) => (_directory, _stores) = (directory, stores);

    public IServiceProvider Services => _stores.Services;

    public string Administrator => Services.GetRequiredService<DatabaseConnections>().Administrator;

    public static string NewDirectory()
    {
        var directory = Directory.CreateTempSubdirectory("penguinmails-benchmark-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            // Started by root, PostgreSQL runs as another user, who must get there.
            File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        }

        return directory;
    }

    /// <summary>Tells a host to stop, as a service manager does, and waits for its end.</summary>
    public static async Task TerminateAsync(Process process)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -TERM {process.Id}"]);
        await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The host ended with {process.ExitCode}.");
        }
    }

    public static async Task<Place> OpenAsync()
    {
        var directory = NewDirectory();
        var stores = await PenguinMailsHost.StartAsync(
            [
                "--environment=Development", "--urls=http://127.0.0.1:0", $"--Embedded:DataDirectory={directory}", "--Logging:LogLevel:Default=Error",
                "--Sending:Enabled=false",
            ],
            CancellationToken.None);
        var place = new Place(directory, stores);
        await place.ExecuteAsync("UPDATE plans SET max_contacts = NULL");
        return place;
    }

    /// <summary>A client of the second host, logged in, and that host's process.</summary>
    public async Task<(HttpClient Http, Process Process)> StartHostAsync()
    {
        var url = await StartAsync("--Sending:Enabled=false");
        var http = new HttpClient { BaseAddress = new Uri($"{url}/api/v1/"), Timeout = Timeout.InfiniteTimeSpan };
        var answer = await http.PostAsJsonAsync("auth/log-in", new { DemoAccount.Email, DemoAccount.Password });
        var grant = JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", grant["accessToken"]!.GetValue<string>());
        return (http, _process!);
    }

    /// <summary>A second host that sends, to this server.</summary>
    public async Task<Process> StartSenderAsync(int port)
    {
        await StartAsync("--Sending:PollMilliseconds=1000", "--Mail:Host=127.0.0.1", $"--Mail:Port={port}");
        return _process!;
    }

    /// <returns>Where it listens.</returns>
    private async Task<string> StartAsync(params string[] options)
    {
        var redis = Services.GetRequiredService<IConfiguration>().GetConnectionString("redis");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        string[] arguments =
        [
            typeof(PenguinMailsHost).Assembly.Location, "--environment=Development", "--urls=http://127.0.0.1:0", $"--Embedded:DataDirectory={_directory}",
            $"--ConnectionStrings:penguinmails={Administrator}", $"--ConnectionStrings:redis={redis}", "--Logging:LogLevel:Default=Error", .. options,
        ];
        arguments.ToList().ForEach(start.ArgumentList.Add);
        _process = Process.Start(start)!;
        string? line;
        while ((line = await _process.StandardOutput.ReadLineAsync()) is not null && !line.Contains("listens on ", StringComparison.Ordinal))
        {
        }

        _ = _process.StandardOutput.ReadToEndAsync();
        return (line ?? throw new InvalidOperationException("The host has ended.")).Split("listens on ")[1].Trim();
    }

    /// <summary>The most memory that it had; .NET tells that of another process only on Windows.</summary>
    public static long PeakBytes(Process process) => OperatingSystem.IsLinux()
        ? 1024 * long.Parse(File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
        : process.PeakWorkingSet64;

    /// <summary>One value, as the administrator sees it.</summary>
    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(Administrator);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>As the database's administrator, whom no policy binds.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Administrator);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        await _stores.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
