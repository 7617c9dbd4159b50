using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Blocklists;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Domains;
using PenguinMails.Infrastructure.Features.Addresses;
using PenguinMails.Infrastructure.Features.Domains;
using PenguinMails.Infrastructure.Features.EmailAccounts;
using PenguinMails.Infrastructure.Inbound;
using PenguinMails.Infrastructure.Jobs;
using PenguinMails.Infrastructure.Mail;
using PenguinMails.Infrastructure.Mailu;
using PenguinMails.Infrastructure.Outbound;
using PenguinMails.Infrastructure.Pools;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Infrastructure.Secrets.Vault;
using PenguinMails.Infrastructure.Servers;
using PenguinMails.Infrastructure.Warmup;
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
        RecurringJob.Of<SecretReseal>("infrastructure.secret-reseal", "30 3 * * *", JobQueues.Maintenance),
        RecurringJob.Of<ServerChecks>("infrastructure.servers", "*/5 * * * *", JobQueues.Infrastructure),
        RecurringJob.Of<BlocklistChecks>("infrastructure.blocklists", "50 * * * *", JobQueues.Infrastructure),
        RecurringJob.Of<MailboxWarmup>("infrastructure.warmup", "5 * * * *", JobQueues.Infrastructure),
        RecurringJob.Of<AddressReputation>("infrastructure.reputation", "5 * * * *", JobQueues.Infrastructure),
        RecurringJob.Of<Partitions>("infrastructure.partitions", "10 1 * * *", JobQueues.Maintenance),
    ];

    public override void Register(IHostApplicationBuilder builder)
    {
        builder.AddModuleDb<InfrastructureDb>();
        AddSecrets(builder);
        builder.Services.AddMemoryCache();
        AddOptions<DnsOptions>(builder, "Dns");
        AddOptions<MailOptions>(builder, "Mail");
        builder.Services.AddSingleton<DnsLookup>();
        AddDomains(builder.Services);
        builder.Services.AddSingleton<SmtpConnector>();
        builder.Services.AddSingleton<SmtpConnections>();
        builder.Services.AddScoped<OutletSettings>();
        builder.Services.AddScoped<Outlets>();
        AddOutbound(builder);
        AddMailboxes(builder);
        AddInbound(builder);
        AddAddresses(builder);
        AddPools(builder.Services);
        AddServers(builder);
        AddBlocklists(builder);
        foreach (var job in Jobs)
        {
            builder.Services.AddScoped(job.Job);
        }
    }

    private static void AddDomains(IServiceCollection services)
    {
        services.AddSingleton<DomainCheck>();
        services.AddScoped<DomainVerification>();
        services.AddSingleton<VerifyLimit>();
    }

    private static void AddSecrets(IHostApplicationBuilder builder)
    {
        builder.AddKeyRing();
        builder.Services.AddScoped<SecretStore>();
        AddOptions<VaultOptions>(builder, "Vault");
        if (!string.IsNullOrEmpty(builder.Configuration["Vault:Address"]))
        {
            builder.Services.AddVault();
        }
    }

    private static void AddOutbound(IHostApplicationBuilder builder)
    {
        AddOptions<OutboundOptions>(builder, "Outbound");
        builder.Services.AddSingleton<OutboundDialer>();
        builder.Services.AddSingleton<OutboundHttp>();
    }

    private static void AddMailboxes(IHostApplicationBuilder builder)
    {
        AddOptions<MailuOptions>(builder, "Mailu");
        builder.Services.AddMailu();
        builder.Services.AddSingleton<ServerTrust>();
        builder.Services.AddSingleton<MailOpener>();
        builder.Services.AddSingleton<MailboxTest>();
        builder.Services.AddScoped<MailboxPlaces>();
        builder.Services.AddScoped<NewMailbox>();
        builder.Services.AddScoped<StaffMailboxChange>();
        builder.Services.AddScoped<MailboxJudgement>();
    }

    private static void AddInbound(IHostApplicationBuilder builder)
    {
        AddOptions<InboundOptions>(builder, "Inbound");
        builder.Services.AddSingleton<ReaderLeases>();
        builder.Services.AddSingleton<MailFetch>();
        builder.Services.AddScoped<ReaderProgress>();
        builder.Services.AddScoped<ReaderNotices>();
        builder.Services.AddScoped<MailboxReading>();
        builder.Services.AddHostedService<MailboxReaders>();
    }

    private static void AddAddresses(IHostApplicationBuilder builder)
    {
        AddOptions<AddressOptions>(builder, "Addresses");
        builder.Services.AddSingleton<ReceivingProviders>();
        builder.Services.AddScoped<AddressPlaces>();
        builder.Services.AddScoped<AddressLife>();
        builder.Services.AddScoped<AddressReview>();
        builder.Services.AddScoped<AddressBudget>();
        builder.Services.AddScoped<AddressPool>();
        builder.Services.AddScoped<AddressChange>();
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

    private static void AddServers(IHostApplicationBuilder builder)
    {
        AddOptions<HostwindsOptions>(builder, "Hostwinds");
        var hostwinds = builder.Configuration.GetSection("Hostwinds").Get<HostwindsOptions>() ?? new HostwindsOptions();
        // New servers are ordered from the first; those of a provider that is not configured are left alone.
        if (hostwinds.ApiKey is not null)
        {
            builder.Services.AddSingleton<HostwindsApi>();
            builder.Services.AddScoped<IServerProvider, HostwindsProvider>();
        }

        if (hostwinds.Simulate ?? (hostwinds.ApiKey is null && builder.Environment.IsDevelopment()))
        {
            builder.Services.AddScoped<IServerProvider, SimulatedProvider>();
        }

        builder.Services.AddScoped<ServerOrder>();
        builder.Services.AddScoped<ServerReturn>();
        builder.Services.AddScoped<ServerNotices>();
        builder.Services.AddScoped<ServerUpkeep>();
    }

    private static void AddBlocklists(IHostApplicationBuilder builder)
    {
        AddOptions<BlocklistOptions>(builder, "Blocklists");
        builder.Services.AddSingleton<BlocklistLookup>();
        builder.Services.AddScoped<BlocklistNotices>();
        builder.Services.AddScoped<BlocklistCheck>();
    }

    private static void AddOptions<T>(IHostApplicationBuilder builder, string section) where T : class =>
        builder.Services.AddOptions<T>().BindConfiguration(section).ValidateDataAnnotations().ValidateOnStart();
}
