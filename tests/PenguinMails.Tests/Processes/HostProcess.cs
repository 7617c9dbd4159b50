using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using MimeKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Host;
using PenguinMails.Tests.House;

namespace PenguinMails.Tests.Processes;

/// <summary>The host as its users start it: a process of its own, over a data directory of the test's.</summary>
internal sealed partial class HostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<string> _url = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(string assembly, string dataDirectory, string[] options)
    {
        DataDirectory = dataDirectory;
        // Tests that a script runs in its background are deaf to INT, and so would be what they start.
        string[] command = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", "dotnet"] : ["dotnet"];
        var start = new ProcessStartInfo(command[0]) { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            .. command[1..], assembly, "--environment=Development", "--urls=http://127.0.0.1:0",
            $"--Embedded:DataDirectory={dataDirectory}", "--Sending:LeaseSeconds=3", "--Sending:LookSeconds=1", "--Sending:PollMilliseconds=50",
            "--Billing:DefaultPlan=business", "--Inbound:Enabled=false", "--Passwords:IterationCount=1000", .. options,
        ];
        arguments.ToList().ForEach(start.ArgumentList.Add);
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Exited += (_, _) => _url.TrySetException(new InvalidOperationException("The host has ended."));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string DataDirectory { get; }

    /// <summary>The operating system's.</summary>
    public int Id => _process.Id;

    public string Url => _url.Task.Result;

    /// <summary>What it has printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts it and waits until it says where it listens.</summary>
    public static Task<HostProcess> StartAsync(string dataDirectory, CancellationToken ct, params string[] options) =>
        StartedAsync(new HostProcess(typeof(PenguinMailsHost).Assembly.Location, dataDirectory, options), ct);

    /// <summary>The same by the AppHost, as the README says; where that is Aspire's, the host itself.</summary>
    public static Task<HostProcess> StartAppHostAsync(string dataDirectory, CancellationToken ct)
    {
#if ASPIRE
        return StartAsync(dataDirectory, ct);
#else
        // As this was built, Debug/net10.0 for example.
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var appHost = Path.Combine(ModuleTests.Root, "PenguinMails.AppHost", "bin", own.Parent!.Name, own.Name, "PenguinMails.AppHost.dll");
        return StartedAsync(new HostProcess(appHost, dataDirectory, []), ct);
#endif
    }

    private static async Task<HostProcess> StartedAsync(HostProcess host, CancellationToken ct)
    {
        try
        {
            await host._url.Task.WaitAsync(TimeSpan.FromSeconds(90), ct);
            return host;
        }
        catch (Exception exception) when (exception is InvalidOperationException or TimeoutException)
        {
            await host.DisposeAsync();
            throw new InvalidOperationException($"{exception.Message} It said: {host.Output}", exception);
        }
    }

    /// <summary>Starts another host on the fixture's stores, as in production: a credential of one holds at the other.</summary>
    public static Task<HostProcess> BesideAsync(HostFixture host, CancellationToken ct, params string[] options)
    {
        var configuration = host.Services.GetRequiredService<IConfiguration>();
        return StartAsync(host.DataDirectory, ct,
        [
            $"--ConnectionStrings:penguinmails={host.Connections.Administrator}", $"--ConnectionStrings:redis={configuration.GetConnectionString("redis")}",
            $"--Mail:Host={configuration["Mail:Host"]}", $"--Mail:Port={configuration["Mail:Port"]}", "--Sending:Enabled=false",
            // All tests are one address to them, and they count together.
            "--RateLimits:AnonymousPerMinute=100000", "--RateLimits:LogInsPerMinute=100000", .. options,
        ]);
    }

    /// <summary>Runs a verb to its end, outside Development and with the database alone.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string verb, string dataDirectory, CancellationToken ct)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(PenguinMailsHost).Assembly.Location, verb, "--environment=Production", $"--Embedded:DataDirectory={dataDirectory}"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return (process.ExitCode, output);
    }

    /// <summary>A directory that the account PostgreSQL runs as may enter, whoever runs the tests.</summary>
    public static string NewDataDirectory() =>
        Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"penguinmails-process-{Guid.CreateVersion7():N}")).FullName;

    /// <summary>The command lines of the processes that this data directory occurs in; the host's own among them.</summary>
    public static IReadOnlyList<string> ProcessesOver(string dataDirectory) =>
        [.. (Directory.Exists("/proc/self") ? FromProc() : FromPs()).Where(line => line.Contains(dataDirectory))];

    /// <summary>The servers over this data directory; each is a process that names it by -D.</summary>
    public static IReadOnlyList<string> ServersOver(string dataDirectory) =>
        [.. ProcessesOver(dataDirectory).Where(line => line.Contains($"-D {dataDirectory}"))];

    /// <summary>Sends a signal, as a terminal (INT) or a service manager (TERM) does, and waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync(string signal, CancellationToken ct)
    {
        // The shell's own: not every machine has the program.
        using (var kill = Process.Start("sh", ["-c", $"kill -{signal} {_process.Id}"]))
        {
            await kill.WaitForExitAsync(ct);
        }

        await _process.WaitForExitAsync(ct).WaitAsync(TimeSpan.FromSeconds(60), ct);
        return _process.ExitCode;
    }

    /// <summary>Ends it at once, as a crash or the kernel would (SIGKILL), and nothing that it started.</summary>
    public void Kill() => _process.Kill();

    public Task EndedAsync(CancellationToken ct) => _process.WaitForExitAsync(ct).WaitAsync(TimeSpan.FromSeconds(60), ct);

    /// <summary>A client of the tenant's, as it was given its token.</summary>
    public TenantClient For(TenantClient tenant)
    {
        var http = new HttpClient { BaseAddress = new Uri($"{Url}/api/v1/") };
        http.DefaultRequestHeaders.Authorization = tenant.Http.DefaultRequestHeaders.Authorization;
        return tenant with { Http = http };
    }

    /// <summary>A tenant that has just signed up here.</summary>
    /// <param name="codeFor">Reads the code mailed to an address; absent: from the host's own outbox.</param>
    public Task<TenantClient> ATenantAsync(CancellationToken ct, Func<string, Task<string>>? codeFor = null) =>
        new HttpClient { BaseAddress = new Uri($"{Url}/api/v1/") }.SignUpAsync(codeFor ?? (address => CodeInOutboxAsync(address, ct)), ct);

    private async Task<string> CodeInOutboxAsync(string address, CancellationToken ct) => Given.CodeOf((await Given.EventuallyAsync(
        () => Task.FromResult(Directory.GetFiles(Path.Combine(DataDirectory, "outbox"), "*.eml", SearchOption.AllDirectories)
            .Select(file => MimeMessage.Load(file)).FirstOrDefault(mail => mail.To.Mailboxes.Any(to => to.Address == address))),
        mail => mail is not null, ct))!);

    /// <summary>Leaves nothing running, however the test went.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await StopAsync("TERM", CancellationToken.None);
        }

        _process.Dispose();
    }

    // On Linux, where ps may not be installed.
    private static IEnumerable<string> FromProc()
    {
        foreach (var directory in Directory.GetDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            string line;
            try
            {
                line = File.ReadAllText(Path.Combine(directory, "cmdline")).Replace('\0', ' ');
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It has just ended.
                continue;
            }

            yield return line;
        }
    }

    private static string[] FromPs()
    {
        using var listing = Process.Start(new ProcessStartInfo("ps", ["-axww", "-o", "args="]) { RedirectStandardOutput = true })!;
        var lines = listing.StandardOutput.ReadToEnd().Split('\n');
        listing.WaitForExit();
        return lines;
    }

    private void Read(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (line is not null && Listens().Match(line) is { Success: true } match)
        {
            _url.TrySetResult(match.Groups[1].Value);
        }
    }

    [GeneratedRegex(@"listens on (http\S+)")]
    private static partial Regex Listens();
}
