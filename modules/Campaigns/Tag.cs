namespace PenguinMails.Campaigns;

/// <summary>A word to find things by. Without a tenant it is a default one: everybody's to use, nobody's to change.</summary>
internal sealed class Tag
{
    /// <summary>Of one tenant: so many make a list that still fits on one page.</summary>
    public const int Most = 200;

    public long Id { get; private set; }
    public required Guid? TenantId { get; init; }
    public required string Value { get; set; }
    public string? Name { get; set; }
    public string? Description { get; set; }
    public bool IsDefault { get; private set; }
    public DateTimeOffset? Created { get; private set; }
}

internal sealed class TemplateTag
{
    public long Id { get; private set; }
    public required Guid TenantId { get; init; }
    public required Guid? TemplateId { get; init; }
    public required long? TagId { get; init; }
}
