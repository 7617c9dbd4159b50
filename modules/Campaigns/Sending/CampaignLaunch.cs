using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns.Sending;

/// <summary>What came of a launch.</summary>
/// <param name="Missing">By field; empty where nothing is.</param>
/// <param name="Campaign">As it is now; null where it has gone or changed its state meanwhile.</param>
internal sealed record Launched(IDictionary<string, string[]> Missing, Campaign? Campaign, int Leads);

/// <summary>Starts a campaign, for a person or at its time.</summary>
internal sealed class CampaignLaunch(CampaignsDb db, LaunchCheck check, TimeProvider clock)
{
    /// <param name="campaign">As it was read, not tracked.</param>
    /// <param name="isWanted">Whether it is still in the state that it is to be launched from.</param>
    public async Task<Launched> BeginAsync(Campaign campaign, Func<Campaign, bool> isWanted, CancellationToken ct)
    {
        // Other modules are asked before anything is held.
        if (await check.MissingAsync(campaign, ct) is { Count: > 0 } missing)
        {
            return new Launched(missing, campaign, 0);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await db.LockCampaignAsync(campaign.Id, ct) is not { } held || !isWanted(held))
        {
            return new Launched(new Dictionary<string, string[]>(), null, 0);
        }

        // Its steps may have been changed since.
        if (await check.OfSequenceAsync(held, ct) is { Count: > 0 } changed)
        {
            return new Launched(changed, held, 0);
        }

        db.Database.SetCommandTimeout(CampaignsDb.ForMillions);
        var now = clock.GetUtcNow();
        held.Launch(now);
        await db.SaveChangesAsync(ct);
        var leads = await db.Enrollments.Where(row => row.CampaignId == held.Id && row.Status == EnrollmentStatus.Pending)
            .ExecuteUpdateAsync(row => row.SetProperty(enrollment => enrollment.NextRun, now), ct);
        if (leads == 0)
        {
            // They were taken out meanwhile.
            return new Launched(new Dictionary<string, string[]> { ["leads"] = [LaunchCheck.NoLeads] }, campaign, 0);
        }

        await transaction.CommitAsync(ct);
        return new Launched(new Dictionary<string, string[]>(), held, leads);
    }
}
