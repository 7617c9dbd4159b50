using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;

namespace PenguinMails.Infrastructure.Features.Addresses;

/// <summary>GET /staff/addresses/capacity: what all addresses together can still take, and whether enough of them are in reserve.</summary>
internal static class GetAddressCapacity
{
    /// <param name="ByStatus">How many addresses are in each state.</param>
    /// <param name="SendsADay">What they may send today, in all.</param>
    /// <param name="UsedToday">What is taken of it.</param>
    /// <param name="FreePlaces">Domains that shared addresses have room for.</param>
    /// <param name="WaitingTenants">Tenants with a domain that waits for an address.</param>
    internal sealed record Response(
        IReadOnlyDictionary<string, int> ByStatus, int SendsADay, int UsedToday, int FreePlaces, int WaitingDomains, int WaitingTenants, Reserve Buffer);

    /// <param name="SendsADay">Of the warmed addresses.</param>
    /// <param name="UsedYesterday">Of those: today is not over.</param>
    /// <param name="Free">The part that was free, 0 to 1.</param>
    /// <param name="Wanted">The part that should be.</param>
    /// <param name="MissingAddresses">How many warmed addresses more it takes; 0: enough.</param>
    internal sealed record Reserve(int SendsADay, int UsedYesterday, double Free, double Wanted, int MissingAddresses);

    internal sealed class Endpoint(PlatformDb<InfrastructureDb> platform, IOptions<AddressOptions> options, TimeProvider clock)
        : EndpointWithoutRequest<Response>
    {
        public override void Configure()
        {
            Get("/staff/addresses/capacity");
            Policies(Staff.Contracts.Permissions.InfrastructureRead);
        }

        public override async Task<Response> ExecuteAsync(CancellationToken ct)
        {
            await using var db = platform.Open("staff.addresses");
            var now = clock.GetUtcNow();
            var addresses = await db.SmtpIpAddresses.AsNoTracking()
                .Join(db.VpsInstances, address => address.VpsInstanceId, server => server.Id, (address, server) => new
                {
                    address.Id, address.Status, address.WarmingStarted, address.AssignedCount, address.DedicatedTenantId,
                    TakesDomains = server.Status == VpsStatus.Active,
                }).ToListAsync(ct);
            var warmed = addresses.Where(one => WarmupRamp.IsDone(one.Status, one.WarmingStarted, options.Value, now)).Select(one => one.Id).ToHashSet();
            var (today, yesterday) = (await ReservedAsync(db, now, ct), await ReservedAsync(db, now.AddDays(-1), ct));
            var waiting = await db.DomainIpAssignments.Where(place => place.Status == AssignmentStatus.Scheduled)
                .Select(place => place.TenantId).ToListAsync(ct);
            return new Response(
                Enum.GetValues<AddressStatus>().ToDictionary(SnakeCase.Of, status => addresses.Count(one => one.Status == status)),
                addresses.Sum(one => WarmupRamp.CapAt(one.Status, one.WarmingStarted, options.Value, now)),
                today.Values.Sum(),
                addresses.Where(one => one.TakesDomains && one.DedicatedTenantId is null
                    && one.Status is AddressStatus.Available or AddressStatus.Assigned or AddressStatus.Warming or AddressStatus.Warmed)
                    .Sum(one => Math.Max(0, options.Value.DomainsPerAddress - one.AssignedCount)),
                waiting.Count,
                waiting.Distinct().Count(),
                ReserveOf(warmed.Count, warmed.Sum(id => yesterday.GetValueOrDefault(id)), options.Value));
        }

        private static Task<Dictionary<Guid, int>> ReservedAsync(InfrastructureDb db, DateTimeOffset at, CancellationToken ct)
        {
            var date = DateOnly.FromDateTime(at.UtcDateTime);
            return db.AddressDays.Where(day => day.Day == date && day.Provider == AddressDay.All)
                .ToDictionaryAsync(day => day.SmtpIpAddressId, day => day.Reserved, ct);
        }
    }

    internal static Reserve ReserveOf(int addresses, int used, AddressOptions options)
    {
        var sends = addresses * options.WarmedCap;
        var needed = (int)Math.Ceiling(used / (1 - options.Buffer) / options.WarmedCap);
        return new Reserve(
            sends, used, sends == 0 ? 0 : Math.Round(Math.Max(0, 1 - (double)used / sends), 3), options.Buffer, Math.Max(0, needed - addresses));
    }
}
