using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Host;
using PenguinMails.Infrastructure;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Servers;
using PenguinMails.Shared.Database;
using PenguinMails.Staff;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>A database of a test class's own: what is the platform's there, is nobody else's.</summary>
public sealed class OwnDatabase(HostFixture host) : IAsyncLifetime
{
    private readonly ScratchDatabase _database = new(host);

    internal DatabaseConnections Connections => _database.Connections;

    public async ValueTask InitializeAsync() => await _database.CopyAsync(CancellationToken.None);

    /// <summary>As the database's administrator, whom no policy binds.</summary>
    internal async Task ExecuteAsync(string sql, CancellationToken ct)
    {
        await using var administrator = await _database.OpenAsync(ct);
        await administrator.ExecuteAsync(sql, ct);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}

/// <summary>The modules of staff and of infrastructure over such a database, as a host would register them, with a clock that is set by hand.</summary>
internal sealed class OwnPlatform : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private OwnPlatform(ServiceProvider services, OwnClock clock) => (_services, Clock) = (services, clock);

    public OwnClock Clock { get; }

    /// <summary>In Production, and without servers and notifications of an earlier test.</summary>
    public static async Task<OwnPlatform> StartAsync(OwnDatabase database, CancellationToken ct, params (string Key, string Value)[] settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(
            new HostApplicationBuilderSettings { DisableDefaults = true, EnvironmentName = Environments.Production });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.AddPenguinMailsDatabase();
        var clock = new OwnClock();
        builder.Services.AddSingleton(database.Connections)
            .AddSingleton<TimeProvider>(clock)
            .AddMediatR(options => options.RegisterServicesFromAssemblies([.. Modules.Assemblies]));
        new StaffModule().Register(builder);
        new InfrastructureModule().Register(builder);
        var platform = new OwnPlatform(builder.Services.BuildServiceProvider(), clock);
        await using var db = platform.Open();
        await db.VpsInstances.ExecuteDeleteAsync(ct);
        await db.Database.ExecuteSqlAsync($"DELETE FROM system_notifications", ct);
        return platform;
    }

    /// <summary>With this Hostwinds as its provider.</summary>
    public static Task<OwnPlatform> StartAsync(OwnDatabase database, FakeHostwinds hostwinds, CancellationToken ct) => StartAsync(
        database, ct,
        ("Hostwinds:ApiKey", FakeHostwinds.Key), ("Hostwinds:Url", hostwinds.Url.ToString()), ("Hostwinds:Template", "template-1"),
        ("Hostwinds:ResourceId", "12"), ("Hostwinds:Regions:dallas", "2"), ("Hostwinds:SshKeys:0", "staff"), ("Hostwinds:TimeoutSeconds", "1"),
        ("Hostwinds:RetryMilliseconds", "1"));

    public AsyncServiceScope Scope() => _services.CreateAsyncScope();

    /// <summary>A context of the platform's role.</summary>
    public InfrastructureDb Open()
    {
        // The context needs its scope for no longer than it takes to be made.
        using var scope = _services.CreateScope();
        return scope.ServiceProvider.GetRequiredService<PlatformDb<InfrastructureDb>>().Open("tests");
    }

    public async Task<Guid> OrderAsync(CancellationToken ct, string region = "dallas", Guid? tenantId = null, ServerProviderKind provider = ServerProviderKind.Hostwinds)
    {
        var server = VpsInstance.Order(provider, region, 9.99m, tenantId);
        await using var db = Open();
        db.VpsInstances.Add(server);
        await db.SaveChangesAsync(ct);
        return server.Id;
    }

    public async Task<VpsInstance> ServerAsync(Guid id, CancellationToken ct)
    {
        await using var db = Open();
        return await db.VpsInstances.AsNoTracking().SingleAsync(server => server.Id == id, ct);
    }

    public async Task ChangeAsync(Guid id, Func<VpsInstance, bool> change, CancellationToken ct)
    {
        await using var db = Open();
        change(await db.VpsInstances.SingleAsync(server => server.Id == id, ct)).ShouldBeTrue();
        await db.SaveChangesAsync(ct);
    }

    /// <summary>What is done every five minutes.</summary>
    public async Task<SyncReport> RunAsync(CancellationToken ct)
    {
        await using var scope = Scope();
        return (await scope.ServiceProvider.GetRequiredService<ServerUpkeep>().RunAsync(ct)).ShouldHaveSingleItem();
    }

    public async Task PublishAsync(INotification notification, CancellationToken ct)
    {
        await using var scope = Scope();
        await scope.ServiceProvider.GetRequiredService<IPublisher>().Publish(notification, ct);
    }

    /// <summary>The open notifications of a matter, such as <c>warning: message</c>.</summary>
    public async Task<IReadOnlyList<string>> NotificationsAsync(string key, CancellationToken ct)
    {
        await using var db = Open();
        return await db.Database.SqlQuery<string>(
            $"SELECT severity || ': ' || message AS \"Value\" FROM system_notifications WHERE dedup_key LIKE {key + ":%"} AND NOT is_resolved").ToListAsync(ct);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}

/// <summary>Stands where it is put.</summary>
internal sealed class OwnClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 2, 3, 4, 5, 6, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
