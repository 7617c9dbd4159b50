namespace PenguinMails.Infrastructure;

internal enum VpsStatus
{
    Provisioning,
    Active,
    ScheduledDecommission,
    Decommissioned,
}

/// <summary>A server that the platform rents (table <c>vps_instances</c>).</summary>
internal sealed class VpsInstance
{
    public required Guid Id { get; init; }
    public VpsStatus Status { get; private set; } = VpsStatus.Provisioning;
    public DateTimeOffset Created { get; private set; }
}
