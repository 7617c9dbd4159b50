namespace PenguinMails.Staff;

/// <summary>How far a document about the schema is in step with it (table <c>schema_documentation_status</c>).</summary>
internal sealed class SchemaDocument
{
    public required string DocumentName { get; init; }
    public DateTimeOffset LastUpdated { get; set; }
    public string? Version { get; set; }
    public SyncStatus SyncStatus { get; set; }
    public string? ChangesSummary { get; set; }
    public DateOnly? NextReviewDate { get; set; }
    public string? ResponsibleTeam { get; set; }
}

internal enum SyncStatus
{
    Synchronized,
    NeedsUpdate,
    Outdated,
}
