using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Data;

namespace PenguinMails.Infrastructure.Addresses;

/// <summary>Which address each recipient's message leaves from today, and why some have none.</summary>
/// <param name="Addresses">One for each recipient, in order.</param>
/// <param name="HasPlace">Whether the domain has an address that may carry its mail today.</param>
internal sealed record AddressGrants(Guid?[] Addresses, bool HasPlace);

/// <summary>
/// Takes sends of the day from a domain's addresses: from the one that is warming first, which needs the mail, and what it has no room
/// for from the warmed one.
/// </summary>
internal sealed class AddressBudget(
    InfrastructureDb db, AddressPlaces places, ReceivingProviders providers, IOptions<AddressOptions> options, TimeProvider clock)
{
    private sealed record Route(Guid AddressId, AssignmentStatus Place, AddressStatus Status, DateTimeOffset? WarmingStarted);

    /// <param name="recipients">The domains of their addresses.</param>
    /// <param name="most">How many messages may leave at all.</param>
    public async Task<AddressGrants> TakeAsync(Guid tenantId, Guid domainId, IReadOnlyList<string> recipients, int most, CancellationToken ct)
    {
        var routes = await RoutesAsync(domainId, ct);
        if (routes.Count == 0 && await places.GiveAsync(tenantId, domainId, ct))
        {
            routes = await RoutesAsync(domainId, ct);
        }

        var grants = new AddressGrants(new Guid?[recipients.Count], routes.Any(route => CapOf(route, clock.GetUtcNow()) > 0));
        if (routes.Count == 0)
        {
            // Who receives it matters to an address alone.
            return grants;
        }

        var receivers = await Task.WhenAll(recipients.Select(recipient => providers.OfAsync(recipient, ct)));
        foreach (var route in routes)
        {
            await TakeAsync(route, receivers, grants, most, ct);
        }

        if (routes is [{ Place: AssignmentStatus.Warming } first] && IsShort(grants, most) && await places.GiveWarmedAsync(tenantId, domainId, ct))
        {
            foreach (var second in (await RoutesAsync(domainId, ct)).Where(route => route.AddressId != first.AddressId))
            {
                await TakeAsync(second, receivers, grants, most, ct);
            }

            return grants with { HasPlace = true };
        }

        return grants;
    }

    private async Task TakeAsync(Route route, ReceivingProvider[] receivers, AddressGrants grants, int most, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var cap = CapOf(route, now);
        foreach (var group in receivers.Index().Where(one => grants.Addresses[one.Index] is null).GroupBy(one => one.Item, one => one.Index))
        {
            var wanted = Math.Min(group.Count(), most - Taken(grants));
            if (wanted > 0 && cap > 0)
            {
                var providerCap = WarmupRamp.ProviderCapAt(cap, group.Key, route.Status, route.WarmingStarted, options.Value, now);
                var taken = await ReserveAsync(route.AddressId, group.Key, wanted, cap, providerCap, now, ct);
                foreach (var index in group.Take(taken))
                {
                    grants.Addresses[index] = route.AddressId;
                }
            }
        }
    }

    private Task<int> ReserveAsync(
        Guid addressId, ReceivingProvider provider, int wanted, int cap, int providerCap, DateTimeOffset now, CancellationToken ct) =>
        db.Database.SqlQuery<int>($"""
            SELECT reserve_address_sends(
                {addressId}, {DateOnly.FromDateTime(now.UtcDateTime)}, {provider.Name()}, {wanted}, {cap}, {providerCap}) AS "Value"
            """).SingleAsync(ct);

    private Task<List<Route>> RoutesAsync(Guid domainId, CancellationToken ct) => db.DomainIpAssignments
        .Where(place => place.DomainId == domainId && (place.Status == AssignmentStatus.Warming || place.Status == AssignmentStatus.Active))
        .Join(db.SmtpIpAddresses, place => place.SmtpIpAddressId, address => address.Id, (place, address) => new { place, address })
        .OrderByDescending(pair => pair.place.Status == AssignmentStatus.Warming)
        .Select(pair => new Route(pair.address.Id, pair.place.Status, pair.address.Status, pair.address.WarmingStarted))
        .ToListAsync(ct);

    private int CapOf(Route route, DateTimeOffset now) => WarmupRamp.CapAt(route.Status, route.WarmingStarted, options.Value, now);

    private static int Taken(AddressGrants grants) => grants.Addresses.Count(address => address is not null);

    private static bool IsShort(AddressGrants grants, int most) => Taken(grants) < Math.Min(most, grants.Addresses.Length);
}
