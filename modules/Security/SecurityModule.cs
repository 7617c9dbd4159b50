using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Security.CrossTenant;
using PenguinMails.Security.Data;
using PenguinMails.Security.Jobs;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Security;

/// <summary>What happened that matters for security, and the alerts that follow from it.</summary>
public sealed class SecurityModule : Module
{
    public override IReadOnlyList<RecurringJob> Jobs =>
    [
        RecurringJob.Of<SealSecurityEvents>(SealSecurityEvents.Id, "* * * * *", JobQueues.Security),
        RecurringJob.Of<VerifySecurityEvents>(VerifySecurityEvents.Id, "20 2 * * *", JobQueues.Security),
    ];

    public override void Register(IHostApplicationBuilder builder)
    {
        builder.AddModuleDb<SecurityDb>();
        builder.Services.AddOptions<SecurityOptions>().BindConfiguration(SecurityOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<StrangeIds>();
        builder.Services.AddHostedService(services => services.GetRequiredService<StrangeIds>());
        foreach (var job in Jobs)
        {
            builder.Services.AddScoped(job.Job);
        }
    }

    public override void Use(IApplicationBuilder app) => app.UseMiddleware<CrossTenantAttempts>();
}
