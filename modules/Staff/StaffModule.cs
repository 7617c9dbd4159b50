using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;
using PenguinMails.Staff.Access;
using PenguinMails.Staff.Contracts;
using PenguinMails.Staff.Data;
using PenguinMails.Staff.Features.Audit;
using PenguinMails.Staff.Features.Notifications;
using PenguinMails.Staff.Features.Settings;
using PenguinMails.Staff.Features.Tenants;
using PenguinMails.Staff.Jobs;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff;

/// <summary>The people who run the platform, what they do, and its notifications, settings and feature flags.</summary>
public sealed class StaffModule : Module
{
    public override IReadOnlyList<RecurringJob> Jobs =>
    [
        RecurringJob.Of<AutoResolveNotifications>(AutoResolveNotifications.Id, "*/10 * * * *"),
        RecurringJob.Of<SealAuditLog>(SealAuditLog.Id, "* * * * *", JobQueues.Security),
        RecurringJob.Of<VerifyAuditLog>(VerifyAuditLog.Id, "20 4 * * *", JobQueues.Security),
    ];

    public override void Register(IHostApplicationBuilder builder)
    {
        builder.AddModuleDb<StaffDb>();
        builder.Services.AddOptions<StaffOptions>().BindConfiguration(StaffOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHostedService<FirstSuperAdmin>();
        builder.Services.AddScoped<AuditTrail>();
        builder.Services.AddScoped<StaffActs>();
        builder.Services.AddScoped<ElevatedAccess>();
        builder.Services.AddScoped<TenantChanges>();
        builder.Services.AddScoped<AuditChain>();
        builder.Services.AddSingleton<SettingValues>();
        builder.Services.AddSingleton<NotificationStream>();
        foreach (var job in Jobs)
        {
            builder.Services.AddScoped(job.Job);
        }

        var authorization = builder.Services.AddAuthorizationBuilder();
        foreach (var permission in Permissions.All)
        {
            authorization.AddPolicy(permission, policy => policy.RequireClaim(PermissionClaim.Type, permission));
        }
    }

    public override void Use(IApplicationBuilder app) => app.UseMiddleware<AuditTrail>();
}
