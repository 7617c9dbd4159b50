using MediatR;
using Microsoft.Extensions.DependencyInjection;
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
    private OtlpCollector? _collector;
    private HostProcess? _process;

    internal FakeVault Vault { get; } = new();

    /// <summary>What it has printed.</summary>
    internal string Log => _process!.Output;

    /// <summary>What it has exported, its texts readable between the bytes.</summary>
    internal string Telemetry => string.Concat(_collector!.Bodies.Select(body => body.Text));

    internal Uri Url => new($"{_process!.Url}/api/v1/");

    public async ValueTask InitializeAsync()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        _collector = await OtlpCollector.StartAsync(CancellationToken.None);
        await _database.CopyAsync(CancellationToken.None);
        _process = await HostProcess.BesideAsync(host, CancellationToken.None,
        [
            .. _database.HostOptions, .. _collector.Options, "--Sending:Enabled=true",
            "--Logging:LogLevel:Default=Trace",
            "--Logging:LogLevel:Microsoft.AspNetCore=Trace", "--Logging:LogLevel:Microsoft.EntityFrameworkCore=Trace",
            "--Logging:LogLevel:Microsoft.EntityFrameworkCore.Database.Command=Trace", "--Logging:LogLevel:Microsoft.EntityFrameworkCore.Update=Trace",
            "--Logging:LogLevel:FastEndpoints=Trace", "--Logging:LogLevel:Hangfire=Trace",
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
}
