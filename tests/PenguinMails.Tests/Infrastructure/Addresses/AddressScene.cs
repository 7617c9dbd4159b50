using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Domains;
using PenguinMails.Infrastructure.Jobs;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Infrastructure.Addresses;

/// <summary>
/// The pool of addresses over a database of its own, since shared addresses are everybody's; a test begins with an empty pool and sets
/// the clock.
/// </summary>
public sealed class AddressScene(HostFixture host) : IAsyncLifetime
{
    private readonly ScratchDatabase _scratch = new(host);
    private NpgsqlDataSource _administrator = null!;
    private PlatformDatabase _platform = null!;
    private AsyncServiceScope _services;
    private int _number;

    internal HandClock Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 9, 0, 0, TimeSpan.Zero));

    internal IOptions<AddressOptions> Options { get; } = Microsoft.Extensions.Options.Options.Create(new AddressOptions());

    public async ValueTask InitializeAsync()
    {
        await _scratch.CopyAsync(CancellationToken.None);
        _administrator = NpgsqlDataSource.Create(Few(_scratch.Connections.Administrator));
        _platform = new PlatformDatabase(Few(_scratch.Connections.For(DatabaseRoles.Platform)));
        _services = host.Services.CreateAsyncScope();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _platform.DisposeAsync();
        await _administrator.DisposeAsync();
        await _scratch.DisposeAsync();
    }

    internal PlatformDb<InfrastructureDb> Platform => new(_platform, new ServiceCollection().AddScoped<TenantScope>().BuildServiceProvider());

    internal AddressPlaces Places => new(Platform, Options, Clock);

    // Staff are told in the host's own database.
    private ISender Modules => _services.ServiceProvider.GetRequiredService<ISender>();

    internal AddressLife Life => new(Platform, Places, Modules, Options, Clock);

    internal AddressPool Pool => new(Places, Clock, NullLogger<AddressPool>.Instance);

    internal AddressReputation Job => new(Platform, new AddressReview(Life, Options, Clock), Places, Modules);

    /// <summary>Within a tenant's scope.</summary>
    internal (AddressBudget Budget, InfrastructureDb Db) BudgetOf(Guid tenantId)
    {
        var scope = new TenantScope();
        scope.Enter(tenantId);
        var options = new DbContextOptionsBuilder<InfrastructureDb>();
        DatabaseServices.Configure(options.UseNpgsql(Few(_scratch.Connections.For(DatabaseRoles.App))));
        var db = new InfrastructureDb(options.Options, scope);
        return (new AddressBudget(
            db, Places, new ReceivingProviders(new DnsLookup(Microsoft.Extensions.Options.Options.Create(new DnsOptions()))), Options, Clock), db);
    }

    /// <summary>Nothing is left of the test before.</summary>
    internal Task EmptyAsync(CancellationToken ct) => QueryAsync("DELETE FROM tenants; DELETE FROM vps_instances", ct);

    internal async Task<IReadOnlyList<string>> QueryAsync(string sql, CancellationToken ct, params object[] values)
    {
        await using var connection = await _administrator.OpenConnectionAsync(ct);
        return await connection.RowsAsync(sql, ct, values);
    }

    internal Task<Guid> ServerAsync(CancellationToken ct) => IdAsync("INSERT INTO vps_instances (id, status) VALUES ($1, 'active')", ct);

    internal Task<Guid> TenantAsync(CancellationToken ct) => IdAsync("INSERT INTO tenants (id, name) VALUES ($1, 'T')", ct);

    internal Task<Guid> DomainAsync(Guid tenantId, CancellationToken ct) => IdAsync(
        $"INSERT INTO domains (id, tenant_id, domain) VALUES ($1, $2, 'd{Interlocked.Increment(ref _number)}.test')", ct, tenantId);

    /// <param name="days">How long ago its ramp began.</param>
    internal Task<Guid> AddressAsync(Guid serverId, string status, CancellationToken ct, int days = 30) => IdAsync(
        $"""
        INSERT INTO smtp_ip_addresses (id, vps_instance_id, ip_address, status, warming_started, status_since)
        VALUES ($1, $2, '192.0.2.{Interlocked.Increment(ref _number)}', $3, CASE WHEN $3 IN ('available', 'assigned') THEN NULL ELSE $4 END, $5)
        """, ct, serverId, status, Clock.Now.AddDays(-days), Clock.Now);

    /// <summary>What left from an address on a day, so many days ago.</summary>
    internal Task SentAsync(Guid addressId, int sent, CancellationToken ct, int bounced = 0, int daysAgo = 0) => QueryAsync(
        """
        INSERT INTO smtp_ip_daily (smtp_ip_address_id, day, provider, sent, bounced) VALUES ($1, $2, '*', $3, $4)
        ON CONFLICT (smtp_ip_address_id, day, provider) DO UPDATE SET sent = excluded.sent, bounced = excluded.bounced
        """, ct, addressId, DateOnly.FromDateTime(Clock.Now.UtcDateTime).AddDays(-daysAgo), sent, bounced);

    /// <summary>Such as <c>warmed|2</c>: its state and how many domains are on it.</summary>
    internal async Task<string> StateAsync(Guid addressId, CancellationToken ct) =>
        (await QueryAsync("SELECT status, assigned_count FROM smtp_ip_addresses WHERE id = $1", ct, addressId)).Single();

    /// <summary>A domain's places that are not over, such as <c>active|{address}</c>.</summary>
    internal Task<IReadOnlyList<string>> PlacesOfAsync(Guid domainId, CancellationToken ct) => QueryAsync(
        "SELECT status, smtp_ip_address_id FROM domain_ip_assignments WHERE domain_id = $1 AND status <> 'expired' ORDER BY status", ct, domainId);

    private async Task<Guid> IdAsync(string insert, CancellationToken ct, params object[] values)
    {
        var id = Guid.CreateVersion7();
        await QueryAsync(insert, ct, [id, .. values]);
        return id;
    }

    private static string Few(string connection) => new NpgsqlConnectionStringBuilder(connection) { MaxPoolSize = 20 }.ConnectionString;
}
