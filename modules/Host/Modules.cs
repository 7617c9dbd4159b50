using System.Reflection;
using PenguinMails.Billing;
using PenguinMails.Campaigns;
using PenguinMails.Infrastructure;
using PenguinMails.Security;
using PenguinMails.Staff;
using PenguinMails.Tenancy;
using Module = PenguinMails.Shared.Module;

namespace PenguinMails.Host;

/// <summary>The modules, lowest first: one may reference only those before it.</summary>
internal static class Modules
{
    public static readonly IReadOnlyList<Module> InOrder =
    [
        new TenancyModule(), new StaffModule(), new SecurityModule(),
        new BillingModule(), new InfrastructureModule(), new CampaignsModule(),
    ];

    /// <summary>Everything that carries SQL, endpoints or handlers.</summary>
    public static readonly IReadOnlyList<Assembly> Assemblies =
        [typeof(Module).Assembly, .. InOrder.Select(module => module.Assembly)];
}
