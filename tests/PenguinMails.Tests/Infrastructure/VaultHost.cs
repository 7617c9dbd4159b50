using System.Collections.Concurrent;
using System.Text;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tests.Processes;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>
/// A host whose secrets are in Vault, on a database of its own. It logs whatever there is to log, and its traces, metrics and logs
/// also go to a collector of the test's.
/// </summary>
[CollectionDefinition(nameof(VaultHost))]
public sealed class VaultHost(HostFixture host) : ICollectionFixture<VaultHost>, IAsyncLifetime
{
    private readonly ScratchDatabase _database = new(host);
    private readonly ConcurrentQueue<string> _telemetry = [];
    private WebApplication? _collector;
    private HostProcess? _process;

    internal FakeVault Vault { get; } = new();

    /// <summary>What it has printed.</summary>
    internal string Log => _process!.Output;

    /// <summary>What it has exported, its texts readable between the bytes.</summary>
    internal string Telemetry => string.Concat(_telemetry);

    internal Uri Url => new($"{_process!.Url}/api/v1/");

    public async ValueTask InitializeAsync()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        _collector = await CollectAsync();
        await _database.CopyAsync(CancellationToken.None);
        _process = await HostProcess.BesideAsync(host, CancellationToken.None,
        [
            .. _database.HostOptions, "--Sending:Enabled=true",
            "--Logging:LogLevel:Default=Trace",
            "--Logging:LogLevel:Microsoft.AspNetCore=Trace", "--Logging:LogLevel:Microsoft.EntityFrameworkCore=Trace",
            "--Logging:LogLevel:Microsoft.EntityFrameworkCore.Database.Command=Trace", "--Logging:LogLevel:Microsoft.EntityFrameworkCore.Update=Trace",
            "--Logging:LogLevel:FastEndpoints=Trace", "--Logging:LogLevel:Hangfire=Trace",
            $"--OTEL_EXPORTER_OTLP_ENDPOINT={_collector.Urls.Single()}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            "--OTEL_BSP_SCHEDULE_DELAY=200", "--OTEL_BLRP_SCHEDULE_DELAY=200",
            $"--Vault:Address={Vault.Address}", $"--Vault:RoleId={FakeVault.RoleId}", $"--Vault:SecretId={FakeVault.SecretId}", "--Vault:TimeoutSeconds=1",
        ]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
            await _collector!.DisposeAsync();
            await _database.DisposeAsync();
        }

        await Vault.DisposeAsync();
    }

    /// <summary>A tenant of this host's.</summary>
    /// <param name="handler">What its requests go through.</param>
    internal Task<TenantClient> ATenantAsync(CancellationToken ct, HttpMessageHandler? handler = null) =>
        new HttpClient(handler ?? new SocketsHttpHandler()) { BaseAddress = Url }.SignUpAsync(address => host.CodeAsync(address, ct), ct);

    /// <summary>Makes somebody one of its staff.</summary>
    internal async Task AppointAsync(TenantClient person, int role, CancellationToken ct)
    {
        await ExecuteAsync($"INSERT INTO staff_members (user_id, role_id) VALUES ('{person.UserId}', {role})", ct);
        await host.Services.GetRequiredService<IPublisher>().Publish(new AccessChanged(person.UserId), ct);
    }

    internal async Task ExecuteAsync(string sql, CancellationToken ct)
    {
        await using var administrator = await _database.OpenAsync(ct);
        await administrator.ExecuteAsync(sql, ct);
    }

    internal async Task<IReadOnlyList<string>> ListAsync(string sql, CancellationToken ct)
    {
        await using var administrator = await _database.OpenAsync(ct);
        return await administrator.ListAsync<string>(sql, ct);
    }

    // OTLP over HTTP is protobuf, in which texts are as they are.
    private async Task<WebApplication> CollectAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            _telemetry.Enqueue(Encoding.UTF8.GetString(body.ToArray()));
        });
        await app.StartAsync();
        return app;
    }
}
