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

/// <summary>PATCH /campaigns/{id}/steps/{stepId}/variants/{variantId}: changes what is given; an empty subject is the template's own again.</summary>
internal static class UpdateVariant
{
    internal sealed record Request(Guid Id, Guid StepId, Guid VariantId, string? Name, Guid? TemplateId, string? SubjectOverride, int? Weight);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request).Must(request => (request.Name, request.TemplateId, request.SubjectOverride, request.Weight) != (null, null, null, null))
                .OverridePropertyName("name").WithMessage("Nothing to change was given.");
            RuleFor(request => request.Name).AsVariantName().When(request => request.Name is not null);
            RuleFor(request => request.SubjectOverride).MaximumLength(500).OneLine();
            RuleFor(request => request.Weight).AsWeight();
        }
    }

    internal sealed class Endpoint(CampaignsDb db, LaunchCheck check) : Endpoint<Request, Results<Ok<VariantResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Patch("/campaigns/{id}/steps/{stepId}/variants/{variantId}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<VariantResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            var (campaign, step, refusal) = await HeldStep.FindAsync(db, request.Id, request.StepId, ct);
            if ((refusal ?? await VariantRules.RefuseAsync(db, request.TemplateId, request.SubjectOverride, ct)) is { } wrong)
            {
                return wrong;
            }

            if (await db.Variants.SingleOrDefaultAsync(row => row.Id == request.VariantId && row.StepId == step.Id, ct) is not { } variant)
            {
                return Problems.NotFound("Variant");
            }

            (variant.Name, variant.TemplateId, variant.Weight) =
                (request.Name ?? variant.Name, request.TemplateId ?? variant.TemplateId, request.Weight ?? variant.Weight);
            variant.SubjectOverride = request.SubjectOverride switch { null => variant.SubjectOverride, "" => null, var given => given };
            if (await db.SaveVariantAsync(campaign, check, ct) is { } problem)
            {
                return problem;
            }

            await transaction.CommitAsync(ct);
            return TypedResults.Ok(VariantResponse.Of(variant));
        }
    }
}
