using PenguinMails.Host.Embedded.Mail;
using PenguinMails.Host.Embedded.Postgres;

namespace PenguinMails.Host.Embedded;

/// <summary>Starts what the configuration does not name: PostgreSQL, Redis and, in Development, a server that takes mail.</summary>
internal sealed class EmbeddedStores : IAsyncDisposable
{
    private EmbeddedPostgres? _postgres;
    private EmbeddedRedis? _redis;
    private MailSink? _sink;

    /// <summary>Where the sink keeps its mail; null where mail goes to a real server.</summary>
    public Outbox? Outbox { get; private set; }

    /// <summary>Starts the missing stores and puts their addresses into the configuration.</summary>
    /// <param name="databaseOnly">For verbs that need neither Redis nor mail.</param>
    public static async Task<EmbeddedStores> StartAsync(WebApplicationBuilder builder, bool databaseOnly, CancellationToken ct)
    {
        using var logs = LoggerFactory.Create(logging => logging.AddConfiguration(builder.Configuration.GetSection("Logging")).AddConsole());
        var stores = new EmbeddedStores();
        try
        {
            await stores.StartMissingAsync(builder, databaseOnly, logs, ct);
            return stores;
        }
        catch (Exception exception)
        {
            await stores.DisposeAsync();
            if (exception is InvalidOperationException or IOException)
            {
                throw new EmbeddedStoreException(exception.Message, exception);
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_sink is not null)
        {
            await _sink.DisposeAsync();
        }

        _redis?.Dispose();
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }

    private async Task StartMissingAsync(WebApplicationBuilder builder, bool databaseOnly, ILoggerFactory logs, CancellationToken ct)
    {
        var configuration = builder.Configuration;
        var data = configuration["Embedded:DataDirectory"] ?? Path.Combine(CloneDirectory(), ".data");
        if (configuration.GetConnectionString("penguinmails") is null)
        {
            _postgres = await EmbeddedPostgres.StartAsync(data, logs.CreateLogger<EmbeddedPostgres>(), ct);
            configuration["ConnectionStrings:penguinmails"] = _postgres.ConnectionString;
        }

        if (!databaseOnly && configuration.GetConnectionString("redis") is null)
        {
            _redis = EmbeddedRedis.Start(data);
            configuration["ConnectionStrings:redis"] = _redis.ConnectionString;
        }

        if (!databaseOnly && configuration["Mail:Host"] is null && builder.Environment.IsDevelopment())
        {
            Outbox = new Outbox(Path.Combine(data, "outbox"), TimeProvider.System);
            _sink = MailSink.Start(new MailSinkOptions { OnMessage = Outbox.AcceptAsync });
            configuration["Mail:Host"] = "127.0.0.1";
            configuration["Mail:Port"] = _sink.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    // Run from a clone, the data lies beside the solution wherever the program was started; deployed, in the working directory.
    private static string CloneDirectory()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "PenguinMails.sln")))
            {
                return directory.FullName;
            }
        }

        return Environment.CurrentDirectory;
    }
}

/// <summary>A store did not start, for a reason that its message explains to whoever started the host.</summary>
internal sealed class EmbeddedStoreException(string message, Exception inner) : Exception(message, inner);
