using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Steps;

/// <summary>POST /campaigns/{id}/steps: adds an e-mail, a wait or a condition at the end of the sequence.</summary>
internal static class AddStep
{
    internal sealed record Request : StepSettings
    {
        public Guid Id { get; init; }
        public StepType? StepType { get; init; }
    }

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.StepType).NotNull();
            RuleFor(request => request.TemplateId).NotNull().When(request => request.StepType == StepType.Email);
            RuleFor(request => request.ConditionType).NotNull().When(request => request.StepType == StepType.Condition);
            RuleFor(request => request.ConditionValue).NotEmpty().When(request => request.StepType == StepType.Condition);
            RuleFor(request => request.WaitDurationHours).NotNull()
                .When(request => request is { StepType: StepType.Wait, WaitUntilDate: null })
                .WithMessage("A wait has either 'waitDurationHours' or 'waitUntilDate'.");
            this.AddStepRules();
        }
    }

    internal sealed class Endpoint(CampaignsDb db, ISender modules, TimeProvider clock)
        : Endpoint<Request, Results<Created<StepResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns/{id}/steps");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Created<StepResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (!await db.Campaigns.AnyAsync(row => row.Id == request.Id, ct))
            {
                return Problems.NotFound("Campaign");
            }

            return await StepRules.RefuseStrangersAsync(request, db, modules, ct) is { } stranger ? stranger : await AddAsync(request, ct);
        }

        private async Task<Results<Created<StepResponse>, ProblemHttpResult>> AddAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            if (await db.LockCampaignAsync(request.Id, ct) is not { } campaign)
            {
                return Problems.NotFound("Campaign");
            }

            if (!campaign.MayBeEdited)
            {
                return Problems.Conflict($"The campaign is {campaign.StateInWords}: no steps are added to it any more.");
            }

            var before = await db.Steps.AsNoTracking().Where(row => row.CampaignId == campaign.Id).ToListAsync(ct);
            if (before.Count >= Campaign.MaxSteps)
            {
                return Problems.Unprocessable("stepType", $"A campaign has at most {Campaign.MaxSteps} steps.");
            }

            var step = Make(campaign, request, before.Select(row => row.StepOrder).DefaultIfEmpty(0).Max() + 1);
            if (StepRules.Refuse(step, isFirstEmail: !before.Exists(row => row is { StepType: StepType.Email, IsActive: true })) is { } refusal)
            {
                return refusal;
            }

            db.Steps.Add(step);
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            return TypedResults.Created($"/api/v1/campaigns/{campaign.Id}/steps/{step.Id}", await StepResponse.ReadAsync(db, step, ct));
        }

        private SequenceStep Make(Campaign campaign, Request request, int order)
        {
            var step = new SequenceStep
            {
                Id = Guid.CreateVersion7(clock.GetUtcNow()),
                TenantId = campaign.TenantId,
                CampaignId = campaign.Id,
                StepOrder = order,
                StepType = request.StepType!.Value,
            };
            request.ApplyTo(step);
            return step;
        }
    }
}
