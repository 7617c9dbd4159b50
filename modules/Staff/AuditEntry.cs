using System.Net;

namespace PenguinMails.Staff;

/// <summary>What somebody of the staff did. Written once, and sealed into a chain by the database.</summary>
internal sealed class AuditEntry
{
    public required Guid Id { get; init; }
    public Guid? TenantId { get; init; }
    public Guid? ActorUserId { get; init; }
    public Guid? ElevationId { get; init; }
    public required string Action { get; init; }
    public string? ResourceType { get; init; }
    public string? ResourceId { get; init; }
    public string? Reason { get; init; }
    public IPAddress? IpAddress { get; init; }

    /// <summary>JSON.</summary>
    public string? Metadata { get; init; }
    public DateTimeOffset Created { get; init; }
    public long? ChainPosition { get; init; }
}
