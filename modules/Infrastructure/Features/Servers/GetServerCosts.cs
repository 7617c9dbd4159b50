using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Servers;
using PenguinMails.Shared.Database;

namespace PenguinMails.Infrastructure.Features.Servers;

/// <summary>GET /staff/servers/costs: what servers cost, and will cost when those that are to go are gone.</summary>
internal static class GetServerCosts
{
    private const int MonthsBack = 6;
    private const int MonthsAhead = 6;

    /// <param name="Monthly">Dollars a month, of all servers there are now.</param>
    /// <param name="MonthlyWithoutScheduled">Of those that are not to go.</param>
    /// <param name="Months">From six months ago to in six months.</param>
    internal sealed record Response(
        decimal Monthly, decimal MonthlyWithoutScheduled, IReadOnlyList<Month> Months, IReadOnlyList<RegionCost> Regions, IReadOnlyList<ServerCost> Servers);

    /// <param name="Begins">Its first day.</param>
    internal sealed record Month(DateOnly Begins, decimal Total);

    internal sealed record RegionCost(string? Region, int Servers, decimal Monthly);

    /// <param name="PerAddress">Null where it has none that can be used.</param>
    internal sealed record ServerCost(Guid Id, string? Region, VpsStatus Status, decimal Monthly, int Addresses, decimal? PerAddress, DateTimeOffset? Until);

    internal sealed class Endpoint(PlatformDb<InfrastructureDb> platform, TimeProvider clock) : EndpointWithoutRequest<Response>
    {
        public override void Configure()
        {
            Get("/staff/servers/costs");
            Policies(Staff.Contracts.Permissions.InfrastructureRead);
        }

        public override async Task<Response> ExecuteAsync(CancellationToken ct)
        {
            var today = clock.GetUtcNow().UtcDateTime;
            var month = new DateOnly(today.Year, today.Month, 1);
            await using var db = platform.Open("staff.servers");
            var servers = await db.VpsInstances.AsNoTracking().Where(server => server.Activated != null).OrderBy(server => server.Id).ToListAsync(ct);
            var running = servers.Where(server => server.Status != VpsStatus.Decommissioned).ToList();
            var ids = running.ConvertAll(server => server.Id);
            var addresses = await db.SmtpIpAddresses.Where(address => address.Status != AddressStatus.Burned && ids.Contains(address.VpsInstanceId))
                .GroupBy(address => address.VpsInstanceId).Select(group => new { group.Key, Count = group.Count() })
                .ToDictionaryAsync(group => group.Key, group => group.Count, ct);
            return new Response(
                running.Sum(CostOf),
                running.Where(server => server.Status == VpsStatus.Active).Sum(CostOf),
                [.. Enumerable.Range(-MonthsBack, MonthsBack + MonthsAhead + 1).Select(month.AddMonths)
                    .Select(begins => new Month(begins, ServerCosts.In(servers, begins)))],
                [.. running.GroupBy(server => server.Region).OrderBy(region => region.Key, StringComparer.Ordinal)
                    .Select(region => new RegionCost(region.Key, region.Count(), region.Sum(CostOf)))],
                [.. running.Select(server => Of(server, addresses.GetValueOrDefault(server.Id)))]);
        }

        private static decimal CostOf(VpsInstance server) => server.MonthlyCost ?? 0;

        private static ServerCost Of(VpsInstance server, int addresses) => new(
            server.Id, server.Region, server.Status, CostOf(server), addresses,
            addresses == 0 ? null : Math.Round(CostOf(server) / addresses, 2), server.DecommissionScheduledFor);
    }
}
