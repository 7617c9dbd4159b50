using Microsoft.Extensions.DependencyInjection;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Shared;

namespace PenguinMails.Benchmarks;

/// <summary>Searches as GET /leads makes them, in tenants of several sizes, with the policies and without.</summary>
internal static class SearchBenchmark
{
    private const int Searches = 400;

    public static async Task<IReadOnlyList<Result>> RunAsync(Place place, int most)
    {
        var sizes = new[] { most / 100, most / 10, most };
        var tenants = new List<Guid>();
        foreach (var size in sizes)
        {
            tenants.Add(await Seeded.TenantAsync(place, size));
        }

        await place.ExecuteAsync("VACUUM ANALYZE leads");
        var results = new List<Result>();
        foreach (var (name, filter, order, limit) in Kinds())
        {
            var measured = await MeasureAsync(place, tenants, filter, order);
            var smallest = Result.Percentile(measured[0].With, 0.95);
            foreach (var (index, (with, without)) in measured.Index())
            {
                results.Add(new Result($"{name}, {sizes[index]} leads: p95 against {sizes[0]}", Result.Percentile(with, 0.95), smallest, "ms", limit));
                if (without.Count > 0)
                {
                    results.Add(new Result("    median against none of the policies", Result.Median(with), Result.Median(without), "ms", null));
                }
            }
        }

        return results;
    }

    private static IEnumerable<(string Name, Func<string, LeadFilter> Filter, LeadOrder Order, double? Limit)> Kinds()
    {
        yield return ("e-mail prefix", text => new LeadFilter { Email = text[..4] }, new LeadOrder(LeadSort.Email, false), 2.0);
        yield return ("name prefix", text => new LeadFilter { Name = $"Name {text[..4]}" }, new LeadOrder(LeadSort.Name, false), 2.0);
        yield return ("company prefix", text => new LeadFilter { Company = $"Company {Convert.ToInt32(text[..2], 16)}" }, new LeadOrder(LeadSort.Company, false), null);
        yield return ("newest first", _ => new LeadFilter(), new LeadOrder(LeadSort.Created, true), null);
        yield return ("custom field", text => new LeadFilter { Attribute = $"city:City {Convert.ToInt32(text[..2], 16)}" }, new LeadOrder(LeadSort.Created, true), null);
    }

    // The sizes take turns, so that whatever else the machine does falls on all of them.
    private static async Task<IReadOnlyList<(List<double> With, List<double> Without)>> MeasureAsync(
        Place place, List<Guid> tenants, Func<string, LeadFilter> filter, LeadOrder order)
    {
        var measured = tenants.Select(_ => (With: new List<double>(), Without: new List<double>())).ToList();
        for (var number = -Searches / 4; number < Searches; number++)
        {
            var text = Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(BitConverter.GetBytes(number)));
            foreach (var (tenant, (with, without)) in tenants.Zip(measured))
            {
                var (ours, baseline) = await SearchAsync(place, tenant, filter(text), order);
                // First come plans and code that are made once.
                if (number >= 0)
                {
                    with.Add(ours);
                    without.AddRange(baseline is { } time ? [time] : []);
                }
            }
        }

        return measured;
    }

    private static async Task<(double Ours, double? Baseline)> SearchAsync(Place place, Guid tenant, LeadFilter filter, LeadOrder order)
    {
        await using var scope = place.Services.GetRequiredService<IServiceScopeFactory>().CreateTenantScope(tenant);
        var search = scope.ServiceProvider.GetRequiredService<LeadSearch>();
        var ours = await Seeded.TimeAsync(() => search.PageAsync(filter, order, null, 50, CancellationToken.None));
        if (filter.Email is not { } prefix)
        {
            return (ours, null);
        }

        await using var db = Seeded.WithoutPolicies(place);
        return (ours, await Seeded.TimeAsync(() => db.Leads.AsNoTracking()
            .Where(lead => lead.TenantId == tenant && lead.EmailKey.CompareTo(CampaignsDb.Lower(prefix)) >= 0
                && lead.EmailKey.CompareTo(CampaignsDb.Lower(prefix) + "\U0010FFFF") < 0)
            .OrderBy(lead => lead.EmailKey).ThenBy(lead => lead.Id).Take(51).ToListAsync()));
    }
}
