namespace PenguinMails.Tenancy;

internal sealed class Tenant
{
    public required Guid Id { get; init; }
    public required string Name { get; set; }
}

/// <summary>A person's place in a tenant (table <c>tenant_users</c>).</summary>
internal sealed class Membership
{
    public const string Owner = "owner";
    public const string Admin = "admin";
    public const string Member = "member";
    public const string Viewer = "viewer";

    public required Guid TenantId { get; init; }
    public required Guid UserId { get; init; }
    public required string[] Roles { get; set; }
    public required string Email { get; set; }
    public DateTimeOffset? Deleted { get; set; }
}

internal sealed class TenantConfig
{
    public required Guid TenantId { get; init; }
    public string? BillingEmail { get; set; }
}

internal sealed class TenantPolicies
{
    public required Guid TenantId { get; init; }
    public int SessionTimeoutHours { get; private set; } = 8;
    public int MaxLoginAttempts { get; private set; } = 5;
}
