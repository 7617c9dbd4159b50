using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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
    ];

    public override void Register(IHostApplicationBuilder builder)
    {
        builder.AddModuleDb<CampaignsDb>();
        builder.Services.AddOptions<SendingOptions>().BindConfiguration("Sending").ValidateDataAnnotations().ValidateOnStart();
        AddImports(builder.Services);
        builder.Services.AddScoped<LaunchCheck>();
        builder.Services.AddScoped<MessageEvents>();
        builder.Services.AddScoped<ThreadMessages>();
        builder.Services.AddScoped<ReplySender>();
        builder.Services.AddSingleton<UnsubscribeTokens>();
        builder.Services.AddSingleton<TrackingTokens>();
        builder.Services.AddSingleton<LinkTracking>();
        builder.Services.AddScoped<Visits>();
        builder.Services.AddSingleton<MessageComposer>();
        builder.Services.AddScoped<BatchClaim>();
        builder.Services.AddScoped<CampaignBatch>();
        builder.Services.AddScoped<NextLook>();
        builder.Services.AddScoped<DeliveryTally>();
        builder.Services.AddSingleton<MailboxesInHand>();
        builder.Services.AddHostedService<Dispatcher>();
        AddInbound(builder.Services);
        AddTemplates(builder);
        AddLifeCycle(builder.Services);
    }

    private static void AddLifeCycle(IServiceCollection services)
    {
        services.AddScoped<CampaignLaunch>();
        services.AddScoped<ScheduledLaunches>();
        services.AddScoped<TestDelivery>();
    }

    private static void AddInbound(IServiceCollection services)
    {
        services.AddScoped<CampaignBrakes>();
        services.AddScoped<MailMatch>();
        services.AddScoped<InboxRows>();
        services.AddScoped<EnrollmentExit>();
        services.AddScoped<Effects>();
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
