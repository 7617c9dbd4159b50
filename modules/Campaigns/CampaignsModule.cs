using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Campaigns.Analytics;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Features.Templates;
using PenguinMails.Campaigns.Inbound;
using PenguinMails.Campaigns.Inbox;
using PenguinMails.Campaigns.Jobs;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Campaigns.Tracking;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Campaigns;

/// <summary>Leads, templates and the campaigns that write to them.</summary>
public sealed class CampaignsModule : Module
{
    public override IReadOnlyList<RecurringJob> Jobs =>
    [
        RecurringJob.Of<ScheduledLaunches>("campaigns.scheduled-launches", "* * * * *"),
        RecurringJob.Of<CampaignRollup>("campaigns.rollup", "15 * * * *", JobQueues.Maintenance),
        RecurringJob.Of<StorageCount>("campaigns.storage", "45 * * * *", JobQueues.Maintenance),
    ];

    public override void Register(IHostApplicationBuilder builder)
    {
        builder.AddModuleDb<CampaignsDb>();
        AddImports(builder.Services);
        AddTemplates(builder);
        AddLifeCycle(builder.Services);
        AddSending(builder);
        AddTracking(builder.Services);
        AddInbox(builder.Services);
        AddAnalytics(builder.Services);
    }

    private static void AddLifeCycle(IServiceCollection services)
    {
        services.AddScoped<LaunchCheck>();
        services.AddScoped<CampaignLaunch>();
        services.AddScoped<ScheduledLaunches>();
        services.AddScoped<TestDelivery>();
    }

    private static void AddSending(IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<SendingOptions>().BindConfiguration("Sending").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<UnsubscribeTokens>();
        builder.Services.AddSingleton<MessageComposer>();
        builder.Services.AddSingleton<MailboxesInHand>();
        builder.Services.AddScoped<CampaignBatch>();
        builder.Services.AddScoped<BatchClaim>();
        builder.Services.AddScoped<NextLook>();
        builder.Services.AddScoped<DeliveryTally>();
        builder.Services.AddScoped<CampaignBrakes>();
        builder.Services.AddHostedService<Dispatcher>();
        if (Telemetry.IsCollected(builder.Configuration))
        {
            builder.Services.AddHostedService<QueueGauges>();
        }
    }

    private static void AddTracking(IServiceCollection services)
    {
        services.AddScoped<MessageEvents>();
        services.AddSingleton<TrackingTokens>();
        services.AddSingleton<LinkTracking>();
        services.AddScoped<Visits>();
    }

    private static void AddInbox(IServiceCollection services)
    {
        services.AddScoped<MailMatch>();
        services.AddScoped<InboxRows>();
        services.AddScoped<EnrollmentExit>();
        services.AddScoped<Effects>();
        services.AddScoped<ThreadMessages>();
        services.AddScoped<ReplySender>();
    }

    private static void AddAnalytics(IServiceCollection services)
    {
        services.AddMemoryCache();
        services.AddScoped<CampaignRollup>();
        services.AddScoped<StorageCount>();
        services.AddScoped<CampaignNumbers>();
        services.AddScoped<AnalyticsReports>();
        services.AddSingleton<CampaignProgress>();
    }

    private static void AddTemplates(IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<TestSendOptions>().BindConfiguration("TestSends").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddScoped<Previews>();
        builder.Services.AddScoped<TestMessages>();
        builder.Services.AddSingleton<TestSendLimit>();
    }

    private static void AddImports(IServiceCollection services)
    {
        services.AddOptions<ImportOptions>().BindConfiguration("Imports").ValidateDataAnnotations().ValidateOnStart();
        services.AddScoped<ImportClaims>();
        services.AddScoped<ImportUpload>();
        services.AddScoped<ImportMerge>();
        services.AddScoped<LeadSearch>();
        services.AddSingleton<ImportRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<ImportRunner>());
    }
}
