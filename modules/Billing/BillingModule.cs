using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Billing.Data;
using PenguinMails.Billing.Features.Addons;
using PenguinMails.Billing.Jobs;
using PenguinMails.Billing.Payments;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Billing;

/// <summary>Plans, subscriptions and payments, and what a tenant has used of its plan.</summary>
public sealed class BillingModule : Module
{
    public override IReadOnlyList<RecurringJob> Jobs =>
    [
        RecurringJob.Of<StartMissingSubscriptions>(StartMissingSubscriptions.Id, "*/10 * * * *"),
        RecurringJob.Of<AdvanceSubscriptions>(AdvanceSubscriptions.Id, "*/5 * * * *"),
        RecurringJob.Of<ApplyStripeEvents>(ApplyStripeEvents.Id, "* * * * *"),
        RecurringJob.Of<ReconcileStripe>(ReconcileStripe.Id, "25 * * * *"),
        RecurringJob.Of<HandOverCanceled>(HandOverCanceled.Id, "20 3 * * *", JobQueues.Maintenance),
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
        builder.Services.AddScoped<PlanFit>();
        builder.Services.AddScoped<SubscriptionTime>();
        builder.Services.AddScoped<SubscriptionNews>();
        builder.Services.AddScoped<AddonSales>();
        builder.Services.AddSingleton<ReadOnlyTenants>();
        AddProvider(builder);
        foreach (var job in Jobs)
        {
            builder.Services.AddScoped(job.Job);
        }
    }

    private static void AddProvider(IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<StripeOptions>().BindConfiguration(StripeOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<StripeApi>();
        builder.Services.AddSingleton<StripeEvents>();
        builder.Services.AddScoped<StripeSync>();
        builder.Services.AddScoped<StripeInbox>();
        if (string.IsNullOrEmpty(builder.Configuration[$"{StripeOptions.Section}:{nameof(StripeOptions.ApiKey)}"]))
        {
            builder.Services.AddScoped<IPaymentProvider, LocalProvider>();
        }
        else
        {
            builder.Services.AddScoped<IPaymentProvider, StripeProvider>();
        }
    }

    public override void Use(IApplicationBuilder app) => app.UseMiddleware<ReadOnlyTenants>();
}
