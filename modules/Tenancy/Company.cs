using System.Text.RegularExpressions;

namespace PenguinMails.Tenancy;

/// <summary>A workspace of a tenant: an agency has one for each client.</summary>
internal sealed partial class Company
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required string Name { get; set; }
    public required string WorkspaceName { get; init; }
    public string? PostalAddress { get; set; }
    public string Status { get; private set; } = "active";
    public DateTimeOffset Created { get; private set; }

    /// <summary>A company whose workspace name is unique on the platform: the name as a slug and the tail of its id.</summary>
    public static Company Create(Guid tenantId, string name, string? postalAddress)
    {
        var id = Guid.CreateVersion7();
        var slug = NotSlug().Replace(name.ToLowerInvariant(), "-").Trim('-');
        return new Company
        {
            Id = id,
            TenantId = tenantId,
            Name = name,
            WorkspaceName = $"{slug}-{id.ToString("N")[^8..]}".TrimStart('-'),
            PostalAddress = postalAddress,
        };
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotSlug();
}
