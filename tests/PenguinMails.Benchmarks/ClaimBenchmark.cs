using System.Diagnostics;
using System.Security.Cryptography;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Shared;

namespace PenguinMails.Benchmarks;

/// <summary>
/// Claims a campaign's leads as the dispatcher does, a batch at a time and each with its messages of the month, against an UPDATE of as many rows
/// whose ids are known.
/// </summary>
internal static class ClaimBenchmark
{
    private const int Batch = 1000;

    public static async Task<IReadOnlyList<Result>> RunAsync(Place place, int leads)
    {
        var key = RSA.Create(2048).ExportPkcs8PrivateKeyPem();
        var (first, second) = (await SendSeed.TenantAsync(place, leads, key), await SendSeed.TenantAsync(place, leads, key));
        var (claimed, updated) = (await SendSeed.LaunchAsync(place, first), await SendSeed.LaunchAsync(place, second));
        var (ours, baseline) = (new List<double>(), new List<double>());
        for (var round = 0; round < leads / Batch; round++)
        {
            baseline.Add(await UpdateAsync(place, updated));
            ours.Add(await ClaimAsync(place, first, claimed));
        }

        // The first fifth is for whatever is compiled or planned once.
        var (claim, update) = (Result.Median(ours.Skip(ours.Count / 5)), Result.Median(baseline.Skip(baseline.Count / 5)));
        return
        [
            new Result($"claim of {Batch} leads, against an UPDATE by their ids", claim, update, "ms", 3.0),
            new Result("  leads claimed a second", 1000 * Batch / claim, 1000 * Batch / update, "/s", null),
        ];
    }

    private static async Task<double> ClaimAsync(Place place, Guid tenant, Guid campaignId)
    {
        await using var scope = place.Services.GetRequiredService<IServiceScopeFactory>().CreateTenantScope(tenant);
        var db = scope.ServiceProvider.GetRequiredService<CampaignsDb>();
        var campaign = await db.Campaigns.AsNoTracking().SingleAsync(row => row.Id == campaignId);
        var plan = await CampaignPlan.LoadAsync(db, scope.ServiceProvider.GetRequiredService<ISender>(), campaign, CancellationToken.None);
        var claim = scope.ServiceProvider.GetRequiredService<BatchClaim>();
        var start = Stopwatch.GetTimestamp();
        var found = await claim.TakeAsync(plan!, [.. plan!.Ready], CancellationToken.None);
        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return found.Count == Batch ? time : throw new InvalidOperationException($"{found.Count} claimed.");
    }

    private static async Task<double> UpdateAsync(Place place, Guid campaign)
    {
        await using var db = Seeded.WithoutPolicies(place);
        var ids = await db.Database.SqlQuery<Guid>(
            $"SELECT id AS \"Value\" FROM campaign_leads WHERE campaign_id = {campaign} AND lease_until IS NULL ORDER BY next_run, id LIMIT {Batch}").ToListAsync();
        var (owner, until) = (Guid.CreateVersion7(), TimeProvider.System.GetUtcNow().AddMinutes(1));
        return await Seeded.TimeAsync(() => db.Database.ExecuteSqlAsync(
            $"UPDATE campaign_leads SET lease_owner = {owner}, lease_until = {until} WHERE id = ANY ({ids})"));
    }
}
