using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using PenguinMails.Host.Embedded;
using PenguinMails.Host.Jobs;
using PenguinMails.Shared.Database;

namespace PenguinMails.Host;

/// <summary>The one process: embedded stores where none are configured, the modules, and Kestrel.</summary>
internal sealed class PenguinMailsHost : IAsyncDisposable
{
    private const int UsualPort = 5080;

    private readonly WebApplication _app;
    private readonly EmbeddedStores _stores;

    private PenguinMailsHost(WebApplication app, EmbeddedStores stores) => (_app, _stores) = (app, stores);

    public IServiceProvider Services => _app.Services;

    public bool IsDevelopment => _app.Environment.IsDevelopment();

    public bool KeepsOutbox => _stores.Outbox is not null;

    public string? OutboxDirectory => _stores.Outbox?.Folder;

    /// <summary>Where it listens, without a trailing slash.</summary>
    public string Url => _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>()
        .Addresses.First().Replace("0.0.0.0", "localhost").Replace("[::]", "localhost").TrimEnd('/');

    /// <summary>Builds the host, its database started but neither migrated nor served.</summary>
    public static async Task<PenguinMailsHost> BuildAsync(string[] args, bool databaseOnly, CancellationToken ct)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = typeof(PenguinMailsHost).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]) && builder.Environment.IsDevelopment())
        {
            var url = $"http://localhost:{FreePort()}";
            builder.WebHost.UseUrls(url);
            builder.Configuration["Sending:PublicUrl"] ??= url;
        }

        var stores = await EmbeddedStores.StartAsync(builder, databaseOnly, ct);
        try
        {
            builder.AddPenguinMails();
            var app = builder.Build();
            if (!databaseOnly)
            {
                // Endpoints are made here, with what they need of Redis.
                app.UsePenguinMails(stores.Outbox);
            }

            return new PenguinMailsHost(app, stores);
        }
        catch
        {
            await stores.DisposeAsync();
            throw;
        }
    }

    /// <summary>Builds the host, migrates in Development, and listens.</summary>
    public static async Task<PenguinMailsHost> StartAsync(string[] args, CancellationToken ct)
    {
        var host = await BuildAsync(args, databaseOnly: false, ct);
        try
        {
            if (host._app.Environment.IsDevelopment() && host.Services.GetRequiredService<DatabaseConnections>().CanMigrate)
            {
                await host.MigrateAsync(ct);
            }

            await Task.WhenAll(Task.Run(() => RecurringJobs.Schedule(host.Services), ct), host._app.StartAsync(ct));
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <returns>How many scripts were applied.</returns>
    public Task<int> MigrateAsync(CancellationToken ct) => Services.GetRequiredService<DatabaseMigrator>()
        .MigrateAsync(Modules.Assemblies, HangfireSchema.InstallAsync, ct);

    public Task WaitForShutdownAsync() => _app.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        // Finishes the messages in hand while the stores are still there. Not twice: what has had its time would be given it again.
        if (!_app.Lifetime.ApplicationStopped.IsCancellationRequested)
        {
            await _app.StopAsync();
        }

        await _app.DisposeAsync();
        await _stores.DisposeAsync();
    }

    // A second clone on the machine moves aside.
    private static int FreePort()
    {
        try
        {
            using var usual = new TcpListener(IPAddress.Loopback, UsualPort);
            usual.Start();
            return UsualPort;
        }
        catch (SocketException)
        {
            using var any = new TcpListener(IPAddress.Loopback, 0);
            any.Start();
            return ((IPEndPoint)any.LocalEndpoint).Port;
        }
    }
}
