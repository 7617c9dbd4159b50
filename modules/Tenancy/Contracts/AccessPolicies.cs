namespace PenguinMails.Tenancy.Contracts;

/// <summary>What endpoints ask of the caller.</summary>
public static class AccessPolicies
{
    /// <summary>Any member of the tenant, or a program with the scope for the resource.</summary>
    public const string Viewer = "TenantViewer";

    /// <summary>A member who may change campaigns, leads and templates, or a program with the scope.</summary>
    public const string Member = "TenantMember";

    /// <summary>An administrator of the tenant (domains, mailboxes, companies), or a program with the scope.</summary>
    public const string Admin = "TenantAdmin";

    /// <summary>The policies that a program can meet, by its key's scopes; all others ask for a person.</summary>
    public static readonly IReadOnlyList<string?> OpenToKeys = [Viewer, Member, Admin];

    /// <summary>Anybody logged in, in a tenant or not: their own account. No program.</summary>
    public const string Person = "Person";

    /// <summary>A person of the tenant with any role. No program.</summary>
    public const string TenantPerson = "TenantPerson";

    /// <summary>A person who may invite into the tenant. No program.</summary>
    public const string MemberPerson = "MemberPerson";

    /// <summary>An administrator in person: people, keys, policies. No program.</summary>
    public const string AdminPerson = "AdminPerson";

    /// <summary>An owner in person. No program.</summary>
    public const string OwnerPerson = "OwnerPerson";
}
