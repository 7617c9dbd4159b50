namespace PenguinMails.Tenancy.Contracts;

/// <summary>What a tenant's endpoints ask of the caller. Each includes the ones before it.</summary>
public static class AccessPolicies
{
    /// <summary>Any member of the tenant.</summary>
    public const string Viewer = "TenantViewer";

    /// <summary>A member who may change campaigns, leads and templates.</summary>
    public const string Member = "TenantMember";

    /// <summary>An administrator of the tenant: domains, mailboxes, people, billing.</summary>
    public const string Admin = "TenantAdmin";
}
