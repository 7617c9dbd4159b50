namespace PenguinMails.Campaigns;

internal enum LeadStatus
{
    Active,
    Unsubscribed,
    Bounced,
    Complained,
    Archived,
}

/// <summary>A contact of the tenant.</summary>
internal sealed class Lead
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }

    /// <summary>In lower case.</summary>
    public required string Email { get; init; }
    public string? Name { get; set; }
    public string? FirstName { get; set; }
    public string? LastName { get; set; }
    public string? Company { get; set; }

    /// <summary>Custom fields: a JSON object of strings.</summary>
    public string Attributes { get; set; } = "{}";
    public LeadStatus Status { get; private set; }
    public DateTimeOffset Created { get; private set; }

    public void Unsubscribe() => Status = LeadStatus.Unsubscribed;

    public void Bounce() => Status = LeadStatus.Bounced;
}

internal sealed class LeadList
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required string Name { get; set; }
    public DateTimeOffset Created { get; private set; }
}

internal sealed class LeadListMember
{
    public required Guid TenantId { get; init; }
    public required Guid ListId { get; init; }
    public required Guid LeadId { get; init; }
}
