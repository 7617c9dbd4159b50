namespace PenguinMails.Campaigns;

internal enum ImportStatus
{
    Running,
    Completed,
    Failed,
    Canceled,
}

/// <summary>What became of one CSV upload.</summary>
internal sealed class LeadImport
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public Guid? ListId { get; init; }
    public required string FileName { get; init; }
    public required ImportStatus Status { get; init; }
    public int TotalRows { get; init; }
    public int Imported { get; init; }
    public int UpdatedRows { get; init; }
    public int Skipped { get; init; }
    public int Refused { get; init; }

    /// <summary>JSON array of line, email and reason.</summary>
    public string? Refusals { get; init; }
    public string? IdempotencyKey { get; init; }
    public Guid? CreatedBy { get; init; }
    public DateTimeOffset Created { get; private set; }
    public DateTimeOffset? Completed { get; init; }
}
