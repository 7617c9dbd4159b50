namespace PenguinMails.Staff;

/// <summary>Somebody who runs the platform. They log in as everybody does, and need two factors.</summary>
internal sealed class StaffMember
{
    public required Guid UserId { get; init; }
    public required int RoleId { get; set; }
    public string? Notes { get; set; }
    public DateTimeOffset Created { get; private set; }
}

/// <summary>What a member is; its permissions are rows.</summary>
internal sealed class StaffRole
{
    /// <summary>Who may do everything; at least one member always is.</summary>
    public const int SuperAdmin = 1;

    public required int Id { get; init; }
    public required string Name { get; init; }
    public string? Description { get; init; }
}

internal sealed class Permission
{
    public required int Id { get; init; }
    public required string Name { get; init; }
}

internal sealed class StaffRolePermission
{
    public required int RoleId { get; init; }
    public required int PermissionId { get; init; }
}
