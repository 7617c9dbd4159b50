using PenguinMails.Infrastructure.Servers;

namespace PenguinMails.Infrastructure.Features.Servers;

/// <summary>A server as staff see it.</summary>
/// <param name="Name">What it is called at the provider.</param>
/// <param name="InstanceId">The provider's own; null before it is known.</param>
/// <param name="MonthlyCost">Dollars.</param>
/// <param name="LastError">What keeps it from going on; null where nothing does.</param>
internal sealed record ServerResponse(
    Guid Id, string Name, ServerProviderKind Provider, string? InstanceId, VpsStatus Status, string? IpAddress, string? Region, decimal? MonthlyCost,
    int? BillingDay, DateTimeOffset? CurrentBillingPeriodStart, DateTimeOffset? CurrentBillingPeriodEnd, Guid? DedicatedTenantId,
    DateTimeOffset? DecommissionScheduledFor, DecommissionCause? DecommissionCause, string? DecommissionReason, DateTimeOffset? Activated,
    DateTimeOffset? Decommissioned, DateTimeOffset? LastSynced, string? LastError, DateTimeOffset Created)
{
    public static ServerResponse Of(VpsInstance server) => new(
        server.Id, server.Name, server.Provider, server.HostwindsInstanceId, server.Status, server.IpAddress, server.Region, server.MonthlyCost,
        server.HostwindsBillingDay, server.CurrentBillingPeriodStart, server.CurrentBillingPeriodEnd, server.DedicatedTenantId,
        server.DecommissionScheduledFor, server.DecommissionCause, server.DecommissionReason, server.Activated,
        server.Decommissioned, server.LastSynced, server.LastError, server.Created);
}
