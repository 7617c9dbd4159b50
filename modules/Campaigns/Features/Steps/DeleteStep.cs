using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Steps;

/// <summary>DELETE /campaigns/{id}/steps/{stepId}: those after it move up. Once it is launched, only a step that no lead has come to, while paused.</summary>
internal static class DeleteStep
{
    internal sealed record Request(Guid Id, Guid StepId);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/campaigns/{id}/steps/{stepId}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            var (campaign, step, refusal) = await HeldStep.FindAsync(db, request.Id, request.StepId, ct);
            if (refusal is not null)
            {
                return refusal;
            }

            var steps = await db.Steps.Where(row => row.CampaignId == campaign.Id).OrderBy(row => row.StepOrder).ToListAsync(ct);
            if (await RefuseAsync(campaign, step, steps, ct) is { } wrong)
            {
                return wrong;
            }

            db.Steps.Remove(step);
            await db.SaveChangesAsync(ct);
            // Where leads are on their way the numbers stay: they say how far each has come.
            if (campaign.MayBeEdited)
            {
                await StepOrder.SetAsync(db, [.. steps.Where(row => row != step)], ct);
            }

            await transaction.CommitAsync(ct);
            return TypedResults.NoContent();
        }

        private async Task<ProblemHttpResult?> RefuseAsync(Campaign campaign, SequenceStep step, List<SequenceStep> steps, CancellationToken ct)
        {
            if (steps.Find(row => row != step && (row.TrueStepOrder == step.StepOrder || row.FalseStepOrder == step.StepOrder)) is { } leading)
            {
                return Problems.Conflict($"Step {leading.StepOrder} leads to it: change that one first.");
            }

            if (campaign.MayBeEdited)
            {
                return null;
            }

            if (await HasBeenReachedAsync(step, ct))
            {
                return HeldStep.Fixed(campaign, "leads have come to this step, so that it stays;");
            }

            return steps.Exists(row => row != step && row is { StepType: StepType.Email, IsActive: true })
                ? null
                : Problems.Unprocessable("steps", "The campaign has no other active e-mail step.");
        }

        private async Task<bool> HasBeenReachedAsync(SequenceStep step, CancellationToken ct) =>
            await db.Enrollments.AnyAsync(row =>
                row.CampaignId == step.CampaignId && row.Status != EnrollmentStatus.Pending && row.CurrentStep >= step.StepOrder, ct)
            || await db.Messages.AnyAsync(message => message.StepId == step.Id, ct);
    }
}
