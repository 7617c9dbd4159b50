namespace PenguinMails.Staff.Contracts;

/// <summary>
/// What staff may do, by the names in table <c>permissions</c>. Each is the policy of an endpoint too, which a person of the staff with
/// two factors and the permission meets, and no API key.
/// </summary>
public static class Permissions
{
    public const string TenantsRead = "tenants.read";
    public const string TenantsUpdate = "tenants.update";
    public const string TenantsSuspend = "tenants.suspend";
    public const string UsersRead = "users.read";
    public const string UsersReadPii = "users.read_pii";
    public const string UsersUpdate = "users.update";
    public const string BillingRead = "billing.read";
    public const string BillingRefund = "billing.refund";
    public const string PlansManage = "plans.manage";
    public const string InfrastructureRead = "infrastructure.read";
    public const string InfrastructureManage = "infrastructure.manage";
    public const string IpsQuarantine = "ips.quarantine";
    public const string PoolsRead = "pools.read";
    public const string PoolsManage = "pools.manage";
    public const string SecurityRead = "security.read";
    public const string SecurityResolve = "security.resolve";
    public const string NotificationsRead = "notifications.read";
    public const string NotificationsResolve = "notifications.resolve";
    public const string FlagsRead = "flags.read";
    public const string FlagsManage = "flags.manage";
    public const string ConfigRead = "config.read";
    public const string ConfigManage = "config.manage";
    public const string ConfigReadSensitive = "config.read_sensitive";
    public const string StaffRead = "staff.read";
    public const string StaffManage = "staff.manage";
    public const string StaffElevate = "staff.elevate";
    public const string AuditRead = "audit.read";
    public const string JobsManage = "jobs.manage";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        TenantsRead, TenantsUpdate, TenantsSuspend, UsersRead, UsersReadPii, UsersUpdate, BillingRead, BillingRefund, PlansManage,
        InfrastructureRead, InfrastructureManage, IpsQuarantine, PoolsRead, PoolsManage, SecurityRead, SecurityResolve, NotificationsRead,
        NotificationsResolve, FlagsRead, FlagsManage, ConfigRead, ConfigManage, ConfigReadSensitive, StaffRead, StaffManage, StaffElevate,
        AuditRead, JobsManage,
    ];
}
