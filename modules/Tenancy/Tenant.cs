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

    /// <returns>False when it is deleted already.</returns>
    public bool Delete(DateTimeOffset now, TimeSpan grace)
    {
        if (Deleted is not null)
        {
            return false;
        }

        (Deleted, DeleteAfter) = (now, now + grace);
        return true;
    }

    /// <returns>False when it is suspended already.</returns>
    public bool Suspend(DateTimeOffset now, string? reason)
    {
        if (Suspended is not null)
        {
            return false;
        }

        (Suspended, SuspensionReason) = (now, reason);
        return true;
    }

    /// <returns>False when it is not suspended.</returns>
    public bool Reopen()
    {
        var wasSuspended = Suspended is not null;
        (Suspended, SuspensionReason) = (null, null);
        return wasSuspended;
    }

    /// <returns>False when it is not deleted, or what it left is due to be purged.</returns>
    public bool Restore(DateTimeOffset now)
    {
        if (DeleteAfter is not { } purged || purged <= now)
        {
            return false;
        }

        (Deleted, DeleteAfter) = (null, null);
        return true;
    }
}
