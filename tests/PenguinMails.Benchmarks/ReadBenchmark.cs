using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;

namespace PenguinMails.Benchmarks;

/// <summary>One lead by its id through EF, within a tenant's scope, against the same without policies and without the scope's prefix.</summary>
internal static class ReadBenchmark
{
    private const int Reads = 20_000;

    public static async Task<IReadOnlyList<Result>> RunAsync(Place place)
    {
        var tenant = await Seeded.TenantAsync(place, 100_000);
        await place.ExecuteAsync("VACUUM ANALYZE leads");
        await using var scope = place.Services.GetRequiredService<IServiceScopeFactory>().CreateTenantScope(tenant);
        var with = scope.ServiceProvider.GetRequiredService<CampaignsDb>();
        await using var without = Seeded.WithoutPolicies(place);
        var ids = await with.Leads.OrderBy(lead => lead.EmailKey).Select(lead => lead.Id).Take(1000).ToListAsync();
        var (ours, baseline) = (new List<double>(Reads), new List<double>(Reads));
        for (var number = 0; number < Reads; number++)
        {
            var id = ids[number % ids.Count];
            baseline.Add(await Seeded.TimeAsync(() => without.Leads.AsNoTracking().SingleAsync(lead => lead.TenantId == tenant && lead.Id == id)));
            ours.Add(await Seeded.TimeAsync(() => with.Leads.AsNoTracking().SingleAsync(lead => lead.Id == id)));
        }

        return
        [
            new Result("one read under the policies: median", 1000 * Result.Median(ours.Skip(Reads / 4)), 1000 * Result.Median(baseline.Skip(Reads / 4)), "us", 1.15),
        ];
    }
}
