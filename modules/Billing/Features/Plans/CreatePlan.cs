using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Billing.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Billing.Features.Plans;

/// <summary>POST /staff/plans: a new plan, on sale only where that is asked for.</summary>
internal static class CreatePlan
{
    internal sealed record Request(
        string Slug, string Name, PlanTerms Terms, string? Description, string? Notes, bool IsActive, string? StripePriceMonthly,
        string? StripePriceYearly);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Slug).Matches("^[a-z0-9][a-z0-9-]{0,89}\\z").WithMessage("'slug' must be of small letters, digits and dashes.");
            RuleFor(request => request.Name).NotEmpty().MaximumLength(100);
            RuleFor(request => request.Description).MaximumLength(2000);
            RuleFor(request => request.Notes).MaximumLength(2000);
            RuleFor(request => request.StripePriceMonthly).MaximumLength(255);
            RuleFor(request => request.StripePriceYearly).MaximumLength(255);
            RuleFor(request => request.Terms).NotNull().SetValidator(new TermsValidator());
        }
    }

    internal sealed class TermsValidator : AbstractValidator<PlanTerms>
    {
        public TermsValidator()
        {
            RuleFor(terms => terms.MaxUsers).GreaterThan(0);
            RuleFor(terms => terms.MaxDomains).GreaterThan(0);
            RuleFor(terms => terms.MaxCampaignsPerMonth).GreaterThan(0);
            RuleFor(terms => terms.ApiRateLimit).GreaterThan(0);
            RuleFor(terms => terms.MaxEmailAccounts).GreaterThan(0);
            RuleFor(terms => terms.MaxEmailsPerMonth).GreaterThan(0);
            RuleFor(terms => terms.MaxWarmups).GreaterThanOrEqualTo(0);
            RuleFor(terms => terms.MaxContacts).GreaterThan(0);
            RuleFor(terms => terms.MaxStorageGb).GreaterThan(0);
            RuleFor(terms => terms.PriceMonthly).GreaterThanOrEqualTo(0);
            RuleFor(terms => terms.PriceYearly).GreaterThanOrEqualTo(0);
        }
    }

    internal sealed class Endpoint(PlatformDb<BillingDb> platform, ISender modules) : Endpoint<Request, Results<Created<PlanResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/plans");
            Policies(Staff.Contracts.Permissions.PlansManage);
        }

        public override async Task<Results<Created<PlanResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var plan = request.Terms.Sell(request.Slug, request.Name, version: 1);
            (plan.Description, plan.Notes, plan.IsActive) = (request.Description, request.Notes, request.IsActive);
            (plan.StripePriceMonthly, plan.StripePriceYearly) = (request.StripePriceMonthly, request.StripePriceYearly);
            await using var db = platform.Open("staff.plans");
            db.Plans.Add(plan);
            if (await db.SaveUniqueAsync(ct) is not null)
            {
                return Problems.Conflict("There is a plan with this slug or Stripe price.");
            }

            await modules.Send(new RecordAudit("plans.create", "plan", plan.Id.ToString())
            {
                Details = new Dictionary<string, string?> { ["slug"] = plan.Slug, ["terms"] = request.Terms.ToString() },
            }, CancellationToken.None);
            return TypedResults.Created($"/api/v1/staff/plans/{plan.Id}", PlanResponse.Of(plan));
        }
    }
}
