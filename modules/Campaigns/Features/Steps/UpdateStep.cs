using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Steps;

/// <summary>PATCH /campaigns/{id}/steps/{stepId}: changes what is given. Once it is launched, only texts, mailbox, waits and isActive, while paused.</summary>
internal static class UpdateStep
{
    internal sealed record Request : StepSettings
    {
        public Guid Id { get; init; }
        public Guid StepId { get; init; }
    }

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request).Must(request => request != new Request { Id = request.Id, StepId = request.StepId })
                .OverridePropertyName("templateId").WithMessage("Nothing to change was given.");
            this.AddStepRules();
        }
    }

    internal sealed class Endpoint(CampaignsDb db, ISender modules, LaunchCheck check) : Endpoint<Request, Results<Ok<StepResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Patch("/campaigns/{id}/steps/{stepId}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<StepResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (!await db.Steps.AnyAsync(row => row.Id == request.StepId && row.CampaignId == request.Id, ct))
            {
                return Problems.NotFound("Step");
            }

            return await StepRules.RefuseStrangersAsync(request, db, modules, ct) is { } stranger ? stranger : await ChangeAsync(request, ct);
        }

        private async Task<Results<Ok<StepResponse>, ProblemHttpResult>> ChangeAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            var (campaign, step, refusal) = await HeldStep.FindAsync(db, request.Id, request.StepId, ct);
            if (refusal is not null)
            {
                return refusal;
            }

            if (!campaign.MayBeEdited && request.ChangesConditions)
            {
                return HeldStep.Fixed(campaign, "its conditions are fixed;");
            }

            var before = step.EmailAccountId;
            request.ApplyTo(step);
            if (StepRules.Refuse(step, await IsFirstEmailAsync(step, ct)) is { } wrong)
            {
                return wrong;
            }

            await db.SaveChangesAsync(ct);
            if (step.EmailAccountId is { } mailbox && mailbox != before)
            {
                await RebindAsync(step, mailbox, ct);
            }

            // What has been launched must be able to go on.
            if (!campaign.MayBeEdited && await check.OfSequenceAsync(campaign, ct) is { Count: > 0 } missing)
            {
                return Problems.Unprocessable(missing);
            }

            await transaction.CommitAsync(ct);
            return TypedResults.Ok(await StepResponse.ReadAsync(db, step, ct));
        }

        // Whoever waits for this e-mail waits for its mailbox.
        private async Task RebindAsync(SequenceStep step, Guid mailbox, CancellationToken ct)
        {
            var previous = await db.Steps.Where(row => row.CampaignId == step.CampaignId && row.StepType == StepType.Email && row.StepOrder < step.StepOrder)
                .MaxAsync(row => (int?)row.StepOrder, ct) ?? -1;
            await db.Enrollments
                .Where(row => row.CampaignId == step.CampaignId && row.CurrentStep > previous && row.CurrentStep <= step.StepOrder
                    && row.EmailAccountId != null && row.LeaseOwner == null && (row.Status == EnrollmentStatus.Active || row.Status == EnrollmentStatus.Paused))
                .ExecuteUpdateAsync(row => row.SetProperty(waiting => waiting.EmailAccountId, mailbox), ct);
        }

        private async Task<bool> IsFirstEmailAsync(SequenceStep step, CancellationToken ct) => !await db.Steps.AnyAsync(row =>
            row.CampaignId == step.CampaignId && row.StepType == StepType.Email && row.IsActive && row.StepOrder < step.StepOrder, ct);
    }
}
