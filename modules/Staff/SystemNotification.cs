namespace PenguinMails.Staff;

/// <summary>Something staff or a tenant should look at; written by the database function <c>raise_notification</c>.</summary>
internal sealed class SystemNotification
{
    /// <summary>From the least grave to the gravest.</summary>
    public static readonly string[] Severities = ["info", "low", "medium", "warning", "high", "error", "critical"];

    public required Guid Id { get; init; }
    public Guid? TenantId { get; init; }

    /// <summary>Names the matter; of the open ones each key is one.</summary>
    public string? DedupKey { get; init; }
    public required string Category { get; init; }
    public required string Title { get; init; }
    public required string Message { get; init; }
    public required string Severity { get; init; }
    public bool IsResolved { get; init; }
    public DateTimeOffset? Resolved { get; init; }
    public Guid? ResolvedBy { get; init; }
    public string? ResolutionNotes { get; init; }
    public DateTimeOffset? AutoResolveAfter { get; init; }
    public int AlertCount { get; init; }
    public DateTimeOffset FirstOccurrence { get; init; }
    public DateTimeOffset LastOccurrence { get; init; }
    public DateTimeOffset Created { get; init; }

    /// <summary>Moves with each repeat, and when it is resolved.</summary>
    public DateTimeOffset Updated { get; init; }
}
