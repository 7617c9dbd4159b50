using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Domains;
using PenguinMails.Infrastructure.Jobs;
using PenguinMails.Infrastructure.Mail;
using PenguinMails.Infrastructure.Pools;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Infrastructure;

/// <summary>What mail leaves from: domains, mailboxes and the connections to their servers; secrets; and the platform's own pools.</summary>
public sealed class InfrastructureModule : Module
{
    public override IReadOnlyList<RecurringJob> Jobs =>
    [
        RecurringJob.Of<PoolLeaks>("infrastructure.pool-leaks", "*/5 * * * *", JobQueues.Infrastructure),
        RecurringJob.Of<PoolOptimisation>("infrastructure.pool-optimisation", "40 2 * * *", JobQueues.Infrastructure),
        RecurringJob.Of<DomainChecks>("infrastructure.domain-checks", "*/5 * * * *", JobQueues.Infrastructure),
        RecurringJob.Of<Partitions>("infrastructure.partitions", "10 1 * * *", JobQueues.Maintenance),
    ];

    public override void Register(IHostApplicationBuilder builder)
    {
        builder.AddModuleDb<InfrastructureDb>();
        // All hosts share the keys, and a new deployment still opens what the previous one sealed.
        builder.Services.AddDataProtection().SetApplicationName("PenguinMails").PersistKeysToDbContext<InfrastructureDb>();
        builder.Services.AddScoped<SecretStore>();
        builder.Services.AddMemoryCache();
        AddOptions<DnsOptions>(builder, "Dns");
        AddOptions<MailOptions>(builder, "Mail");
        AddOptions<OutboundOptions>(builder, "Outbound");
        builder.Services.AddSingleton<DnsLookup>();
        AddDomains(builder.Services);
        builder.Services.AddScoped<AddressPool>();
        builder.Services.AddSingleton<OutboundDialer>();
        builder.Services.AddSingleton<SmtpConnector>();
        builder.Services.AddSingleton<SmtpConnections>();
        AddPools(builder.Services);
        foreach (var job in Jobs)
        {
            builder.Services.AddScoped(job.Job);
        }
    }

    private static void AddDomains(IServiceCollection services)
    {
        services.AddSingleton<DomainCheck>();
        services.AddScoped<DomainVerification>();
    }

    private static void AddPools(IServiceCollection services)
    {
        services.AddSingleton<LivePools>();
        services.AddHostedService(provider => provider.GetRequiredService<LivePools>());
        services.AddSingleton<PoolSampling>();
        services.AddHostedService(provider => provider.GetRequiredService<PoolSampling>());
        services.AddScoped<PoolOverview>();
        services.AddScoped<PoolChange>();
    }

    private static void AddOptions<T>(IHostApplicationBuilder builder, string section) where T : class =>
        builder.Services.AddOptions<T>().BindConfiguration(section).ValidateDataAnnotations().ValidateOnStart();
}
