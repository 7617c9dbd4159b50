namespace PenguinMails.Staff;

/// <summary>Somebody who runs the platform. They log in as everybody does, and need two factors.</summary>
internal sealed class StaffMember
{
    public required Guid UserId { get; init; }
    public required int RoleId { get; set; }
    public string? Notes { get; set; }
    public DateTimeOffset Created { get; private set; }
}
