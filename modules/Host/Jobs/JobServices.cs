using Hangfire;
using Hangfire.Common;
using Hangfire.PostgreSql;
using Microsoft.Extensions.Options;
using PenguinMails.Host.Tracing;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Host.Jobs;

/// <summary>Hangfire: its storage, what holds for every job, and this host's workers.</summary>
internal static class JobServices
{
    public static void AddJobs(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<JobOptions>().BindConfiguration(JobOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<IJobFilterProvider>(Filters);
        builder.Services.AddHangfire((services, configuration) => configuration
            .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer()
            .UseRecommendedSerializerSettings()
            .UsePostgreSqlStorage(
                storage => storage.UseConnectionFactory(new HangfireConnections(services.GetRequiredService<ConnectionPools>())),
                StorageOptions(services.GetRequiredService<IOptions<JobOptions>>().Value)));
        AddWorkers(builder.Services, options => options.Workers, JobQueues.Default, JobQueues.Security, JobQueues.Infrastructure, JobQueues.Maintenance);
        // However much mail waits, the rest goes on, and the other way round.
        AddWorkers(builder.Services, options => options.MailWorkers, JobQueues.Mail);
        builder.Services.AddAntiforgery();
    }

    private static void AddWorkers(IServiceCollection services, Func<JobOptions, int> count, params string[] queues) =>
        services.AddHangfireServer((provider, server) =>
        {
            server.Queues = queues;
            var options = provider.GetRequiredService<IOptions<JobOptions>>().Value;
            server.WorkerCount = count(options);
            server.SchedulePollingInterval = TimeSpan.FromMilliseconds(options.PollMilliseconds);
        });

    private static PostgreSqlStorageOptions StorageOptions(JobOptions options) => new()
    {
        SchemaName = HangfireSchema.Name,
        PrepareSchemaIfNecessary = false,
        QueuePollInterval = TimeSpan.FromMilliseconds(options.PollMilliseconds),
        // A running job is kept invisible to others for as long as its host lives, however long that takes.
        InvisibilityTimeout = TimeSpan.FromSeconds(options.InvisibleSeconds),
        UseSlidingInvisibilityTimeout = true,
        // Hangfire's own locks are held for moments: one that has lasted so long was left behind by a dead host.
        DistributedLockTimeout = TimeSpan.FromSeconds(options.InvisibleSeconds),
    };

    // Not Hangfire's global ones: those belong to the process, and each host has its own.
    private static JobFilterProviderCollection Filters(IServiceProvider services)
    {
        var filters = new JobFilterCollection();
        filters.Add(new StatisticsHistoryAttribute());
        filters.Add(new ContinuationsSupportAttribute());
        if (Telemetry.IsCollected(services.GetRequiredService<IConfiguration>()))
        {
            filters.Add(new TracedJobs());
        }

        filters.Add(ActivatorUtilities.CreateInstance<FailureNotices>(services), FailureNotices.Order);
        filters.Add(new AutomaticRetryAttribute { Attempts = 3, DelaysInSeconds = [60, 120, 240] });
        filters.Add(new PauseFilter());
        filters.Add(ActivatorUtilities.CreateInstance<OneAtATime>(services));
        return new JobFilterProviderCollection(filters, new JobFilterAttributeFilterProvider());
    }
}
