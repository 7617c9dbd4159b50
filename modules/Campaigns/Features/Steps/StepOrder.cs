using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns.Features.Steps;

/// <summary>Numbers the steps of a campaign anew.</summary>
internal static class StepOrder
{
    /// <summary>Gives them 1, 2, 3 ...; conditions go on leading where they led. Within the caller's transaction.</summary>
    /// <param name="steps">All of the campaign's, tracked, as they are to follow each other.</param>
    public static async Task SetAsync(CampaignsDb db, IReadOnlyList<SequenceStep> steps, CancellationToken ct)
    {
        Renumber(steps);
        // Two that change places have one number for a moment.
        await db.Database.ExecuteSqlAsync($"SET CONSTRAINTS campaign_sequence_steps_campaign_id_step_order_key DEFERRED", ct);
        await db.SaveChangesAsync(ct);
    }

    /// <summary>What leads to a step that there is not stays as it is: a launch asks for it.</summary>
    public static void Renumber(IReadOnlyList<SequenceStep> steps)
    {
        var places = steps.Index().ToDictionary(place => place.Item.StepOrder, place => place.Index + 1);
        foreach (var (index, step) in steps.Index())
        {
            step.StepOrder = index + 1;
            step.TrueStepOrder = step.TrueStepOrder is { } met ? places.GetValueOrDefault(met, met) : null;
            step.FalseStepOrder = step.FalseStepOrder is { } unmet ? places.GetValueOrDefault(unmet, unmet) : null;
        }
    }
}
