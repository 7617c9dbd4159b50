namespace PenguinMails.Campaigns;

/// <summary>A message with variables: a Liquid subject and a Liquid HTML body.</summary>
internal sealed class Template
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required string Name { get; set; }
    public required string Subject { get; set; }
    public required string Content { get; set; }
    public DateTimeOffset? Created { get; private set; }
}
