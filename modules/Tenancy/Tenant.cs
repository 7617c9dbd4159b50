namespace PenguinMails.Tenancy;

internal sealed class Tenant
{
    public required Guid Id { get; init; }
    public required string Name { get; set; }
    public DateTimeOffset Created { get; private set; }

    /// <summary>When staff closed it to its people; null while it is open.</summary>
    public DateTimeOffset? Suspended { get; private set; }
    public string? SuspensionReason { get; private set; }

    /// <summary>Since when nobody gets in any more.</summary>
    public DateTimeOffset? Deleted { get; private set; }

    /// <summary>When what it leaves behind is purged.</summary>
    public DateTimeOffset? DeleteAfter { get; private set; }

    public void Delete(DateTimeOffset now, TimeSpan grace)
    {
        Deleted = now;
        DeleteAfter = now + grace;
    }
}
