using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Data;
using PenguinMails.Billing.Payments;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

/// <summary>POST /subscription/checkout: begins to pay for a plan, for who has no way to pay yet or has ended before.</summary>
internal static class StartCheckout
{
    /// <param name="Plan">The slug of one that is on sale, or of the one that the tenant has or had.</param>
    internal sealed record Request(string Plan, BillingInterval? Interval);

    /// <param name="Url">Where to go on: Stripe's page; at the local provider the endpoint that takes a test card.</param>
    internal sealed record Response(Uri Url);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Plan).NotEmpty().MaximumLength(100);
    }

    internal sealed class Endpoint(BillingDb db, IPaymentProvider provider, PlanFit fit) : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/subscription/checkout");
            Policies(AccessPolicies.AdminPerson);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var interval = request.Interval ?? BillingInterval.Month;
            var current = await db.CurrentSubscriptionAsync(ct);
            var own = current?.PlanId;
            var plan = await db.Plans.SingleOrDefaultAsync(row => row.Slug == request.Plan && (row.IsActive || row.Id == own), ct);
            if (plan?.PriceOf(interval) is null)
            {
                return Problems.Unprocessable("plan", "There is no such plan on sale.");
            }

            if (current is { Status: not SubscriptionStatus.Canceled } && await provider.IsSetUpAsync(current, ct) && (current.Status == SubscriptionStatus.Active || current.IsAtStripe))
            {
                return Problems.Conflict(current.Status == SubscriptionStatus.Active
                    ? "There is a subscription already: POST /subscription/change changes it."
                    : "A payment is open: POST /subscription/portal leads to it.");
            }

            // Who is read-only can make nothing fit: what they had, they can always have again.
            return current is not null && plan.Id != own && await fit.RefusalsAsync(current, plan, ct) is { Count: > 0 } refusals
                ? Problems.Unprocessable(refusals)
                : await CheckoutAsync(plan, interval, ct);
        }

        private async Task<Results<Ok<Response>, ProblemHttpResult>> CheckoutAsync(Plan plan, BillingInterval interval, CancellationToken ct) =>
            await provider.CheckoutAsync(plan, interval, ct) is { } url
                ? TypedResults.Ok(new Response(url))
                : Problems.Unprocessable("plan", "The plan is not sold at the moment.");
    }
}
