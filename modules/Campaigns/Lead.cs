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
    public required string Email { get; set; }
    public string? Name { get; set; }
    public string? FirstName { get; set; }
    public string? LastName { get; set; }
    public string? Company { get; set; }

    /// <summary>IANA name.</summary>
    public string? Timezone { get; set; }

    /// <summary>Custom fields: a JSON object of strings.</summary>
    public string Attributes { get; set; } = "{}";
    public LeadStatus Status { get; private set; }
    public int Score { get; private set; }

    /// <summary>How many messages in a row were sent back for now; see <see cref="Campaigns.SoftBounces"/>.</summary>
    public int SoftBounces { get; private set; }
    public DateTimeOffset Created { get; private set; }
    public DateTimeOffset? Updated { get; private set; }

    /// <summary>What it is looked up and ordered by; made by the database.</summary>
    public string EmailKey { get; private set; } = "";
    public string NameKey { get; private set; } = "";
    public string CompanyKey { get; private set; } = "";

    /// <returns>False where it is neither active nor archived: what became of it is not forgotten.</returns>
    public bool Archive(bool isArchived)
    {
        if (Status is not (LeadStatus.Active or LeadStatus.Archived))
        {
            return false;
        }

        Status = isArchived ? LeadStatus.Archived : LeadStatus.Active;
        return true;
    }

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

/// <summary>A tag of a lead; the tag is the tenant's or a default one.</summary>
internal sealed class LeadTag
{
    public required Guid TenantId { get; init; }
    public required Guid LeadId { get; init; }
    public required long TagId { get; init; }
}
