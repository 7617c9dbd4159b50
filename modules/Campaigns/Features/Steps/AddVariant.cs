using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Steps;

/// <summary>POST /campaigns/{id}/steps/{stepId}/variants: one more text of an e-mail step. With any, the step's own template is not sent.</summary>
internal static class AddVariant
{
    /// <param name="SubjectOverride">The template's own where absent.</param>
    /// <param name="Weight">0 to 1000: its share among the step's variants; 1 where absent.</param>
    internal sealed record Request(Guid Id, Guid StepId, string Name, Guid TemplateId, string? SubjectOverride, int? Weight);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Name).AsVariantName();
            RuleFor(request => request.TemplateId).NotEmpty();
            RuleFor(request => request.SubjectOverride).MaximumLength(500).OneLine();
            RuleFor(request => request.Weight).AsWeight();
        }
    }

    internal sealed class Endpoint(CampaignsDb db, LaunchCheck check, TimeProvider clock)
        : Endpoint<Request, Results<Created<VariantResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns/{id}/steps/{stepId}/variants");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Created<VariantResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            var (campaign, step, refusal) = await HeldStep.FindAsync(db, request.Id, request.StepId, ct);
            if ((refusal ?? await RefuseAsync(step, request, ct)) is { } wrong)
            {
                return wrong;
            }

            var variant = new StepVariant
            {
                Id = Guid.CreateVersion7(clock.GetUtcNow()),
                TenantId = step.TenantId,
                StepId = step.Id,
                Name = request.Name,
                TemplateId = request.TemplateId,
                SubjectOverride = string.IsNullOrEmpty(request.SubjectOverride) ? null : request.SubjectOverride,
                Weight = request.Weight ?? 1,
            };
            db.Variants.Add(variant);
            if (await db.SaveVariantAsync(campaign, check, ct) is { } problem)
            {
                return problem;
            }

            await transaction.CommitAsync(ct);
            return TypedResults.Created($"/api/v1/campaigns/{campaign.Id}/steps/{step.Id}", VariantResponse.Of(variant));
        }

        private async Task<ProblemHttpResult?> RefuseAsync(SequenceStep step, Request request, CancellationToken ct)
        {
            if (step.StepType != StepType.Email)
            {
                return Problems.Unprocessable("stepId", "Only an e-mail step has variants.");
            }

            return await db.Variants.CountAsync(row => row.StepId == step.Id, ct) >= VariantRules.Most
                ? Problems.Unprocessable("stepId", $"A step has at most {VariantRules.Most} variants.")
                : await VariantRules.RefuseAsync(db, request.TemplateId, request.SubjectOverride, ct);
        }
    }
}
