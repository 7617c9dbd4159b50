using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Data;

namespace PenguinMails.Infrastructure.Features.Addresses;

/// <summary>Which addresses a domain sends from.</summary>
/// <param name="IsWaiting">It waits for one.</param>
internal sealed record DomainAddressResponse(Guid DomainId, bool IsWaiting, IReadOnlyList<DomainAddressResponse.Place> Addresses)
{
    /// <param name="Status">Warming, or active: warmed.</param>
    /// <param name="WarmupDay">1 on the first day; null before the first send and once it is warmed.</param>
    /// <param name="SendsToday">How many may leave from the address today, of all its domains together.</param>
    internal sealed record Place(
        Guid Id, Guid SmtpIpAddressId, string IpAddress, AssignmentStatus Status, WarmupState WarmupState, AddressStatus AddressStatus,
        int? WarmupDay, int WarmupDays, int SendsToday, DateTimeOffset? Assigned, DateTimeOffset? LastSent);

    public static async Task<DomainAddressResponse> OfAsync(
        InfrastructureDb db, Guid domainId, AddressOptions options, DateTimeOffset now, CancellationToken ct)
    {
        var places = await db.DomainIpAssignments.Where(place => place.DomainId == domainId && place.Status != AssignmentStatus.Expired)
            .GroupJoin(db.SmtpIpAddresses, place => place.SmtpIpAddressId, address => address.Id, (place, addresses) => new { place, addresses })
            .SelectMany(pair => pair.addresses.DefaultIfEmpty(), (pair, address) => new { pair.place, address })
            .OrderBy(pair => pair.place.Id).AsNoTracking().ToListAsync(ct);
        return new DomainAddressResponse(
            domainId,
            places.Any(pair => pair.place.Status == AssignmentStatus.Scheduled),
            [.. places.Where(pair => pair.address is not null).Select(pair => Show(pair.place, pair.address!, options, now))]);
    }

    private static Place Show(DomainIpAssignment place, SmtpIpAddress address, AddressOptions options, DateTimeOffset now) => new(
        place.Id, address.Id, address.IpAddress, place.Status, place.WarmupState, address.Status,
        place.Status == AssignmentStatus.Warming && address.WarmingStarted is { } started
            ? (now.UtcDateTime.Date - started.UtcDateTime.Date).Days + 1 : null,
        options.WarmupDays, WarmupRamp.CapAt(address.Status, address.WarmingStarted, options, now), place.Assigned, place.LastSent);
}
