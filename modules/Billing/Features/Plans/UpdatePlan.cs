using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Billing.Features.Plans;

/// <summary>
/// PATCH /staff/plans/{id}: what is absent stays. Other terms make a new version, which takes over the slug; who has bought the old one
/// keeps it as it was.
/// </summary>
internal static class UpdatePlan
{
    /// <param name="Terms">All of them, where any is to change.</param>
    internal sealed record Request(
        Guid Id, string? Name, string? Description, string? Notes, bool? IsActive, string? StripePriceMonthly, string? StripePriceYearly, PlanTerms? Terms);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Name).Length(1, 100);
            RuleFor(request => request.Description).MaximumLength(2000);
            RuleFor(request => request.Notes).MaximumLength(2000);
            RuleFor(request => request.StripePriceMonthly).MaximumLength(255);
            RuleFor(request => request.StripePriceYearly).MaximumLength(255);
            RuleFor(request => request.Terms!).SetValidator(new CreatePlan.TermsValidator()).When(request => request.Terms is not null);
        }
    }

    internal sealed class Endpoint(PlatformDb<BillingDb> platform, ISender modules) : Endpoint<Request, Results<Ok<PlanResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Patch("/staff/plans/{id}");
            Policies(Staff.Contracts.Permissions.PlansManage);
        }

        public override async Task<Results<Ok<PlanResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.plans");
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            await db.LockAsync("plans", ct);
            if (await db.Plans.SingleOrDefaultAsync(plan => plan.Id == request.Id, ct) is not { } plan)
            {
                return Problems.NotFound("Plan");
            }

            var old = PlanResponse.Of(plan);
            if (request.Terms is { } terms && terms != old.Terms)
            {
                if (plan.ReplacedBy is not null)
                {
                    return Problems.Conflict("It has been replaced: change the version that is sold.");
                }

                plan = await ReplaceAsync(db, plan, terms, ct);
            }

            Apply(request, plan);
            if (await db.SaveUniqueAsync(ct) is not null)
            {
                return Problems.Conflict("There is a plan with this Stripe price.");
            }

            await transaction.CommitAsync(ct);
            var changed = PlanResponse.Of(plan);
            await modules.Send(new RecordAudit("plans.update", "plan", request.Id.ToString())
            {
                Details = new Dictionary<string, string?> { ["old"] = old.ToString(), ["new"] = changed.ToString() },
            }, CancellationToken.None);
            return TypedResults.Ok(changed);
        }

        // Stripe's prices are of the old terms, and stay with them.
        private static async Task<Plan> ReplaceAsync(BillingDb db, Plan old, PlanTerms terms, CancellationToken ct)
        {
            var plan = terms.Sell(old.Slug, old.Name, old.Version + 1);
            (plan.Description, plan.Notes, plan.IsActive) = (old.Description, old.Notes, old.IsActive);
            (old.Slug, old.IsActive) = ($"{old.Slug}@{old.Version}", false);
            await db.SaveChangesAsync(ct);
            db.Plans.Add(plan);
            await db.SaveChangesAsync(ct);
            old.ReplacedBy = plan.Id;
            return plan;
        }

        private static void Apply(Request request, Plan plan)
        {
            plan.Name = request.Name ?? plan.Name;
            plan.Description = request.Description ?? plan.Description;
            plan.Notes = request.Notes ?? plan.Notes;
            plan.IsActive = request.IsActive ?? plan.IsActive;
            plan.StripePriceMonthly = request.StripePriceMonthly ?? plan.StripePriceMonthly;
            plan.StripePriceYearly = request.StripePriceYearly ?? plan.StripePriceYearly;
        }
    }
}
