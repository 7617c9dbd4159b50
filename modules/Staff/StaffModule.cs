using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;
using PenguinMails.Staff.Contracts;
using PenguinMails.Staff.Data;
using PenguinMails.Staff.Jobs;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff;

/// <summary>The people who run the platform, its notifications and feature flags.</summary>
public sealed class StaffModule : Module
{
    public override IReadOnlyList<RecurringJob> Jobs => [RecurringJob.Of<AutoResolveNotifications>(AutoResolveNotifications.Id, "*/10 * * * *")];

    public override void Register(IHostApplicationBuilder builder)
    {
        builder.AddModuleDb<StaffDb>();
        builder.Services.AddScoped<AutoResolveNotifications>();
        var authorization = builder.Services.AddAuthorizationBuilder();
        foreach (var permission in Permissions.All)
        {
            authorization.AddPolicy(permission, policy => policy.RequireClaim(PermissionClaim.Type, permission));
        }
    }
}
