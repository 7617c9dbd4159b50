using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Billing;
using PenguinMails.Billing.Contracts;
using PenguinMails.Billing.Data;
using PenguinMails.Billing.Payments;
using PenguinMails.Host;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;
using PenguinMails.Tests.Infrastructure;
using PenguinMails.Tests.Schema;
using StackExchange.Redis;

namespace PenguinMails.Tests.Billing;

/// <summary>The modules over a database of their own, as a host would register them, with a clock that is set by hand. No job runs by itself.</summary>
internal sealed class BillingPlatform : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly ScratchDatabase _database;

    private BillingPlatform(ServiceProvider services, ScratchDatabase database, OwnClock clock) => (_services, _database, Clock) = (services, database, clock);

    public OwnClock Clock { get; }

    public static BillingPlatform Over(HostFixture host, ScratchDatabase database, params (string Key, string Value)[] settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(
            new HostApplicationBuilderSettings { DisableDefaults = true, EnvironmentName = Environments.Development });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.AddPenguinMailsDatabase();
        builder.Services.AddLogging();
        var clock = new OwnClock();
        builder.Services.AddSingleton(database.Connections)
            .AddSingleton<TimeProvider>(clock)
            // An instance: it is the fixture's, and outlives the container.
            .AddSingleton(host.Services.GetRequiredService<IConnectionMultiplexer>())
            .AddMediatR(options => options.RegisterServicesFromAssemblies([.. Modules.Assemblies]));
        foreach (var module in Modules.InOrder)
        {
            module.Register(builder);
        }

        return new BillingPlatform(builder.Services.BuildServiceProvider(), database, clock);
    }

    public AsyncServiceScope ScopeOf(Guid tenantId) => _services.GetRequiredService<IServiceScopeFactory>().CreateTenantScope(tenantId);

    /// <summary>A tenant as sign-up leaves it, on the default plan.</summary>
    public async Task<Guid> ATenantAsync(CancellationToken ct, string? customer = null)
    {
        var tenant = Guid.CreateVersion7();
        await RowsAsync("INSERT INTO tenants (id, name) VALUES ($1, 'Some Company')", ct, tenant);
        await RowsAsync("INSERT INTO tenant_config (tenant_id, stripe_customer_id) VALUES ($1, nullif($2, ''))", ct, tenant, customer ?? "");
        await using var scope = ScopeOf(tenant);
        await scope.ServiceProvider.GetRequiredService<FirstSubscription>().StartAsync(ct);
        return tenant;
    }

    public async Task RunAsync<T>(CancellationToken ct) where T : IRecurringJob
    {
        await using var scope = _services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<T>().RunAsync(ct);
    }

    public async Task<bool> MaySendAsync(Guid tenant, CancellationToken ct)
    {
        await using var scope = ScopeOf(tenant);
        return (await scope.ServiceProvider.GetRequiredService<ISender>().Send(new GetSendingPermission(), ct)).MaySend;
    }

    /// <summary>Sends as many messages as the plan grants.</summary>
    public async Task<int> SendAsync(Guid tenant, int wanted, CancellationToken ct)
    {
        await using var scope = ScopeOf(tenant);
        var modules = scope.ServiceProvider.GetRequiredService<ISender>();
        var reservation = await modules.Send(new ReserveEmails(wanted), ct);
        await modules.Send(new SettleEmails(reservation.Id, reservation.Granted), ct);
        return reservation.Granted;
    }

    /// <summary>Pays back as staff would, whose answer is lost before it is kept.</summary>
    public async Task<string?> RefundAsync(Guid tenant, Guid payment, decimal amount, CancellationToken ct)
    {
        await using var scope = ScopeOf(tenant);
        var row = await scope.ServiceProvider.GetRequiredService<BillingDb>().Payments.SingleAsync(row => row.Id == payment, ct);
        return await scope.ServiceProvider.GetRequiredService<IPaymentProvider>().RefundAsync(row, amount, ct);
    }

    /// <summary>As the database's administrator.</summary>
    public async Task<IReadOnlyList<string>> RowsAsync(string sql, CancellationToken ct, params object[] values)
    {
        await using var connection = await _database.OpenAsync(ct);
        return await connection.RowsAsync(sql, ct, values);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
