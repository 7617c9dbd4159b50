namespace PenguinMails.Staff;

/// <summary>An hour of more than the daily work needs.</summary>
internal sealed class StaffElevation
{
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(60);

    public required Guid Id { get; init; }
    public required Guid UserId { get; init; }

    /// <summary>Null for all tenants.</summary>
    public Guid? TenantId { get; init; }
    public required string Reason { get; init; }
    public required DateTimeOffset Created { get; init; }
    public required DateTimeOffset Expires { get; init; }
    public DateTimeOffset? Ended { get; private set; }

    public static StaffElevation Take(Guid userId, Guid? tenantId, string reason, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(),
        UserId = userId,
        TenantId = tenantId,
        Reason = reason,
        Created = now,
        Expires = now + Length,
    };

    /// <returns>False when it was over already.</returns>
    public bool End(DateTimeOffset now)
    {
        if (Ended is not null || Expires <= now)
        {
            return false;
        }

        Ended = now;
        return true;
    }
}
