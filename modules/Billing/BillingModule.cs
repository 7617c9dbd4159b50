using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Billing.Data;
using PenguinMails.Billing.Jobs;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Billing;

/// <summary>Plans, subscriptions, and what a tenant has used of its plan.</summary>
public sealed class BillingModule : Module
{
    public override IReadOnlyList<RecurringJob> Jobs =>
    [
        RecurringJob.Of<StartMissingSubscriptions>(StartMissingSubscriptions.Id, "*/10 * * * *"),
        // After what is stored has been counted.
        RecurringJob.Of<UsageAlerts>(UsageAlerts.Id, "55 * * * *", JobQueues.Maintenance),
    ];

    public override void Register(IHostApplicationBuilder builder)
    {
        builder.AddModuleDb<BillingDb>();
        builder.Services.AddOptions<BillingOptions>().BindConfiguration(BillingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddScoped<FirstSubscription>();
        builder.Services.AddScoped<TenantUsage>();
        builder.Services.AddScoped<PlanAnswers>();
        builder.Services.AddScoped<UsageAlerts>();
        builder.Services.AddScoped<StartMissingSubscriptions>();
    }
}
