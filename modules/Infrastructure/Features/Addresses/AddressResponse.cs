using System.Linq.Expressions;

namespace PenguinMails.Infrastructure.Features.Addresses;

/// <summary>An address as staff see it.</summary>
/// <param name="AssignedCount">Domains on it.</param>
internal sealed record AddressResponse(
    Guid Id, Guid VpsInstanceId, string IpAddress, AddressStatus Status, DateTimeOffset StatusSince, ReputationState ReputationState,
    DateTimeOffset? LastReputationCheck, int AssignedCount, Guid? DedicatedTenantId, DateTimeOffset? WarmingStarted, int QuarantineCount,
    IReadOnlyDictionary<string, Listing>? ProviderBlacklistStatus)
{
    public static readonly Expression<Func<SmtpIpAddress, AddressResponse>> Projection = address => new AddressResponse(
        address.Id, address.VpsInstanceId, address.IpAddress, address.Status, address.StatusSince, address.ReputationState,
        address.LastReputationCheck, address.AssignedCount, address.DedicatedTenantId, address.WarmingStarted, address.QuarantineCount,
        address.ProviderBlacklistStatus);

    public static readonly Func<SmtpIpAddress, AddressResponse> Of = Projection.Compile();
}
