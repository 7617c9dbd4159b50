using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Security.Data;
using PenguinMails.Security.Jobs;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Security;

/// <summary>What happened that matters for security, and the alerts that follow from it.</summary>
public sealed class SecurityModule : Module
{
    public override IReadOnlyList<RecurringJob> Jobs => [RecurringJob.Of<SweepSecurityEvents>(SweepSecurityEvents.Id, "0 * * * *")];

    public override void Register(IHostApplicationBuilder builder)
    {
        builder.AddModuleDb<SecurityDb>();
        builder.Services.AddScoped<SweepSecurityEvents>();
    }
}
