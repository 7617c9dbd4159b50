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

/// <summary>PUT /campaigns/{id}/steps/order: all its steps in another order, at once. Conditions go on leading where they led.</summary>
internal static class OrderSteps
{
    /// <param name="StepIds">All of the campaign's, each once.</param>
    internal sealed record Request(Guid Id, Guid[] StepIds);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.StepIds).NotEmpty();
    }

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Ok<ListSteps.Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Put("/campaigns/{id}/steps/order");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<ListSteps.Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            if (await db.LockCampaignAsync(request.Id, ct) is not { } campaign)
            {
                return Problems.NotFound("Campaign");
            }

            if (!campaign.MayBeEdited)
            {
                return HeldStep.Fixed(campaign, "the order of its steps is fixed;");
            }

            var steps = await db.Steps.Where(row => row.CampaignId == campaign.Id).ToDictionaryAsync(row => row.Id, ct);
            if (request.StepIds.Length != steps.Count || !steps.Keys.ToHashSet().SetEquals(request.StepIds))
            {
                return Problems.Unprocessable("stepIds", "'stepIds' names all steps of the campaign, each once.");
            }

            var ordered = request.StepIds.Select(id => steps[id]).ToList();
            await StepOrder.SetAsync(db, ordered, ct);
            if (Backwards(ordered) is { } backwards)
            {
                return Problems.Unprocessable("stepIds", backwards);
            }

            await transaction.CommitAsync(ct);
            return TypedResults.Ok(new ListSteps.Response(await StepResponse.ListAsync(db, campaign.Id, ct)));
        }

        private static string? Backwards(IEnumerable<SequenceStep> steps) => steps
            .SelectMany(step => new[] { step.TrueStepOrder, step.FalseStepOrder }.Select(target => SequenceCheck.RefuseTarget(step, target)))
            .FirstOrDefault(problem => problem is not null);
    }
}
