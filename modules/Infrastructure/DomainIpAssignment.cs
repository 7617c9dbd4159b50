namespace PenguinMails.Infrastructure;

/// <summary><c>Scheduled</c>: the domain waits for an address. <c>Warming</c>: it is on one that is not warmed yet.</summary>
internal enum AssignmentStatus
{
    Scheduled,
    Warming,
    Active,
    Expired,
}

internal enum WarmupState
{
    Unwarmed,
    Warming,
    Warmed,
}

/// <summary>A domain's place on an address (table <c>domain_ip_assignments</c>): at most one warming and one active at a time.</summary>
internal sealed class DomainIpAssignment
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required Guid DomainId { get; init; }

    /// <summary>Null while it waits for one.</summary>
    public Guid? SmtpIpAddressId { get; private set; }
    public AssignmentStatus Status { get; private set; } = AssignmentStatus.Scheduled;
    public WarmupState WarmupState { get; private set; } = WarmupState.Unwarmed;
    public DateTimeOffset? Assigned { get; private set; }
    public DateTimeOffset? Expires { get; private set; }
    public DateTimeOffset? LastSent { get; private set; }

    /// <summary>A domain that waits for an address.</summary>
    public static DomainIpAssignment Waiting(Guid tenantId, Guid domainId) => new()
    {
        Id = Guid.CreateVersion7(),
        TenantId = tenantId,
        DomainId = domainId,
    };

    /// <param name="isWarm">Whether the address's ramp is behind it.</param>
    public void Take(SmtpIpAddress address, bool isWarm, DateTimeOffset now)
    {
        (SmtpIpAddressId, Assigned) = (address.Id, now);
        (Status, WarmupState) = isWarm ? (AssignmentStatus.Active, WarmupState.Warmed)
            : (AssignmentStatus.Warming, address.WarmingStarted is null ? WarmupState.Unwarmed : WarmupState.Warming);
    }

    public void Expire(DateTimeOffset now) => (Status, Expires) = (AssignmentStatus.Expired, now);
}
