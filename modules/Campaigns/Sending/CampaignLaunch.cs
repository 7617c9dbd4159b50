using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Sending;

/// <summary>What came of a launch.</summary>
/// <param name="Missing">Null where nothing is.</param>
/// <param name="Campaign">As it is now; null where it has gone or changed its state meanwhile.</param>
internal sealed record Launched(Lacking? Missing, Campaign? Campaign, int Leads);

/// <summary>Starts a campaign, for a person or at its time.</summary>
internal sealed class CampaignLaunch(CampaignsDb db, LaunchCheck check, ISender modules, TimeProvider clock)
{
    /// <param name="campaign">As it was read, not tracked.</param>
    /// <param name="isWanted">Whether it is still in the state that it is to be launched from.</param>
    public async Task<Launched> BeginAsync(Campaign campaign, Func<Campaign, bool> isWanted, CancellationToken ct)
    {
        // Other modules are asked before anything is held.
        if (await check.MissingAsync(campaign, ct) is { } missing)
        {
            return new Launched(missing, campaign, 0);
        }

        var allowance = await modules.Send(new RequireAllowance(PlanLimit.CampaignsPerMonth), ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await db.LockCampaignAsync(campaign.Id, ct) is not { } held || !isWanted(held))
        {
            return new Launched(null, null, 0);
        }

        // Its steps may have been changed since.
        if (await check.OfSequenceAsync(held, ct) is { Count: > 0 } changed)
        {
            return new Launched(new Lacking(changed, null), held, 0);
        }

        var leads = await StartAsync(held, ct);
        if (leads == 0)
        {
            // They were taken out meanwhile.
            return new Launched(Lack("leads", LaunchCheck.NoLeads), campaign, 0);
        }

        if (await RefusalAsync(held, allowance, ct) is { } refusal)
        {
            return new Launched(Lack("subscription", refusal.Message, refusal), campaign, 0);
        }

        await transaction.CommitAsync(ct);
        return new Launched(null, held, leads);
    }

    private async Task<int> StartAsync(Campaign campaign, CancellationToken ct)
    {
        db.Database.SetCommandTimeout(CampaignsDb.ForMillions);
        var now = clock.GetUtcNow();
        campaign.Launch(now);
        await db.SaveChangesAsync(ct);
        return await db.Enrollments.Where(row => row.CampaignId == campaign.Id && row.Status == EnrollmentStatus.Pending)
            .ExecuteUpdateAsync(row => row.SetProperty(enrollment => enrollment.NextRun, now), ct);
    }

    // Last of all: however many leads are started, other launches of the tenant wait no longer than for the commit.
    private async Task<PlanRefusal?> RefusalAsync(Campaign campaign, Allowance allowance, CancellationToken ct)
    {
        await db.LockAsync($"launches of:{campaign.TenantId}", ct);
        return allowance.Refuse(await db.LaunchedInAsync(UsageMonth.Of(campaign.Started!.Value), ct) - 1);
    }

    private static Lacking Lack(string field, string message, PlanRefusal? refusal = null) =>
        new(new Dictionary<string, string[]> { [field] = [message] }, refusal);
}
