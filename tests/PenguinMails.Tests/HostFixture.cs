using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using Npgsql;
using PenguinMails.Host.Embedded.Mail;
using PenguinMails.Host;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Tests.Infrastructure;

[assembly: AssemblyFixture(typeof(PenguinMails.Tests.HostFixture))]

namespace PenguinMails.Tests;

/// <summary>The real host over a real PostgreSQL and Garnet of its own, once for all tests. Mail goes to a sink that keeps it.</summary>
public sealed class HostFixture : IAsyncLifetime
{
    private readonly ConcurrentBag<MimeMessage> _mail = [];
    private PenguinMailsHost? _host;
    private MailSink? _sink;

    /// <summary>Thrown away with everything in it.</summary>
    public string DataDirectory { get; } = Directory.CreateTempSubdirectory("penguinmails-tests-").FullName;

    public string Url => _host!.Url;

    public IServiceProvider Services => _host!.Services;

    internal DatabaseConnections Connections => Services.GetRequiredService<DatabaseConnections>();

    /// <summary>The DNS that the host asks; each test has names of its own in it.</summary>
    internal DnsZones Dns { get; } = DnsZones.Start();

    /// <summary>What the sink has taken so far.</summary>
    public IReadOnlyCollection<MimeMessage> Mail => _mail;

    public async ValueTask InitializeAsync()
    {
        if (!OperatingSystem.IsWindows())
        {
            // Started by root, PostgreSQL runs as another user, who must get there.
            File.SetUnixFileMode(DataDirectory, (UnixFileMode)0b111_101_101);
        }

        _sink = MailSink.Start(new MailSinkOptions
        {
            OnMessage = async (envelope, bytes, ct) =>
            {
                using var stream = new MemoryStream();
                foreach (var segment in bytes)
                {
                    await stream.WriteAsync(segment, ct);
                }

                stream.Position = 0;
                var message = await MimeMessage.LoadAsync(stream, ct);
                // Parsed when first asked for, which several tests may do at once.
                _ = (message.To, message.Subject, message.Date);
                _mail.Add(message);
                return new SmtpReply(250, "2.0.0 Ok");
            },
        });
        _host = await PenguinMailsHost.StartAsync(
            [
                "--environment=Development", "--urls=http://127.0.0.1:0", $"--Embedded:DataDirectory={DataDirectory}",
                "--Mail:Host=127.0.0.1", $"--Mail:Port={_sink.Port}", $"--Addresses:SubmissionPort={_sink.Port}",
                "--Sending:PollMilliseconds=50", "--Sending:LeaseSeconds=5", "--Sending:LookSeconds=1", "--Inbound:Enabled=false", "--RateLimits:AnonymousPerMinute=100000",
                // Each test signs somebody up and in.
                "--Passwords:IterationCount=1000",
                $"--Dns:Resolver={Dns.EndPoint}", "--Dns:TimeoutSeconds=3", "--Logging:LogLevel:Default=Error",
            ],
            CancellationToken.None);
        // What tests ask for in a minute no plan allows.
        await this.QueryAsync("UPDATE plans SET api_rate_limit = 1000000 WHERE api_rate_limit IS NOT NULL", CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        if (_sink is not null)
        {
            await _sink.DisposeAsync();
        }

        Dns.Dispose();
        Directory.Delete(DataDirectory, recursive: true);
    }

    /// <summary>A client of the API without credentials; paths are relative to <c>/api/v1/</c>.</summary>
    public HttpClient Anonymous()
    {
        // Each from an address of its own, as behind a proxy: requests of one address are limited.
        var http = new HttpClient { BaseAddress = new Uri($"{Url}/api/v1/") };
        http.DefaultRequestHeaders.Add("X-Forwarded-For", $"10.{Random.Shared.Next(256)}.{Random.Shared.Next(256)}.{Random.Shared.Next(256)}");
        return http;
    }

    /// <summary>An open connection of the database's administrator, whom no policy binds.</summary>
    public async Task<NpgsqlConnection> AdministratorAsync(CancellationToken ct)
    {
        var connection = new NpgsqlConnection(Connections.Administrator);
        await connection.OpenAsync(ct);
        return connection;
    }

    /// <summary>A service scope that acts for the tenant.</summary>
    public AsyncServiceScope ScopeOf(Guid tenantId) => Services.GetRequiredService<IServiceScopeFactory>().CreateTenantScope(tenantId);
}
