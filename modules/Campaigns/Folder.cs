namespace PenguinMails.Campaigns;

/// <summary>A folder of templates; a template may be in several.</summary>
internal sealed class Folder
{
    /// <summary>So many make a list that still fits on one page.</summary>
    public const int Most = 200;

    public long Id { get; private set; }
    public required Guid TenantId { get; init; }
    public required string Name { get; set; }
    public DateTimeOffset? Created { get; private set; }
}

internal sealed class TemplateFolder
{
    public long Id { get; private set; }
    public required Guid TenantId { get; init; }
    public required Guid? TemplateId { get; init; }
    public required long? FolderId { get; init; }
}
