using System.Net;

namespace PenguinMails.Security;

/// <summary>Something that happened; written once, by the database's own function, never changed.</summary>
internal sealed class SecurityEvent
{
    public const string Low = "low";
    public const string Medium = "medium";
    public const string High = "high";
    public const string Critical = "critical";

    public required Guid Id { get; init; }
    public required string EventType { get; init; }
    public required string Severity { get; init; }
    public Guid? UserId { get; init; }
    public Guid? TenantId { get; init; }
    public IPAddress? IpAddress { get; init; }
    public string? UserAgent { get; init; }
    public string? ResourceType { get; init; }
    public string? ResourceId { get; init; }

    /// <summary>The method and route of the request.</summary>
    public string? ActionAttempted { get; init; }
    public bool Success { get; init; }
    public string? FailureReason { get; init; }

    /// <summary>JSON.</summary>
    public string? Metadata { get; init; }
    public DateTimeOffset Created { get; init; }

    /// <summary>Its place in the chain of hashes; null until it is sealed.</summary>
    public long? ChainPosition { get; init; }
    public byte[]? ChainHash { get; init; }
}
