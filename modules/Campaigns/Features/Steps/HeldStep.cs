using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;

namespace PenguinMails.Campaigns.Features.Steps;

/// <summary>A step, and its campaign locked: whoever changes the one does so in a state of the other that allows it.</summary>
/// <param name="Refusal">Not there, or not to be changed; the others are null then.</param>
internal sealed record HeldStep(Campaign Campaign, SequenceStep Step, ProblemHttpResult? Refusal)
{
    private const string WhatMayChange = "of a step, texts, mailbox, variants, waits and isActive may be changed while it is paused";

    /// <summary>For a change of what a launched campaign lets change.</summary>
    /// <param name="campaignId">Within the caller's transaction.</param>
    public static async Task<HeldStep> FindAsync(CampaignsDb db, Guid campaignId, Guid stepId, CancellationToken ct)
    {
        if (await db.LockCampaignAsync(campaignId, ct) is not { } campaign)
        {
            return new(null!, null!, Problems.NotFound("Campaign"));
        }

        return await db.Steps.SingleOrDefaultAsync(row => row.Id == stepId && row.CampaignId == campaignId, ct) is { } step
            ? new(campaign, step, Refuse(campaign))
            : new(null!, null!, Problems.NotFound("Step"));
    }

    /// <summary>What a launched campaign does not let change.</summary>
    public static ProblemHttpResult Fixed(Campaign campaign, string what) => campaign.Status == CampaignStatus.Completed
        ? Problems.Conflict("The campaign is completed: it can only be read and cloned.")
        : Problems.Conflict($"The campaign is {campaign.StateInWords}: {what} {WhatMayChange}.");

    private static ProblemHttpResult? Refuse(Campaign campaign) =>
        campaign.MayBeEdited || campaign.Status == CampaignStatus.Paused ? null : Fixed(campaign, "pause it first;");
}
