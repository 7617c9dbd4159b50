using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Data;
using PenguinMails.Billing.Payments;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

/// <summary>
/// POST /subscription/change: a larger plan or a year at once, with the rest of the period made good; a smaller plan when the period ends, if
/// what the tenant has fits into it. The current plan takes a pending change back.
/// </summary>
internal static class ChangePlan
{
    /// <param name="Plan">The slug of one that is on sale, or of the current one.</param>
    /// <param name="Interval">Absent: as it is.</param>
    internal sealed record Request(string Plan, BillingInterval? Interval);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Plan).NotEmpty().MaximumLength(100);
    }

    internal sealed class Endpoint(BillingDb db, IPaymentProvider provider, PlanFit fit, TenantScope scope, ChangeFeed changes)
        : Endpoint<Request, Results<Ok<SubscriptionResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/subscription/change");
            Policies(AccessPolicies.AdminPerson);
        }

        public override async Task<Results<Ok<SubscriptionResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.LiveSubscriptionAsync(ct) is not { } live || !await provider.IsSetUpAsync(live, ct))
            {
                return Problems.Conflict("Nothing was paid for yet: POST /subscription/checkout begins.");
            }

            if (live.Status != SubscriptionStatus.Active)
            {
                return Problems.Conflict("A payment is open: POST /subscription/portal leads to it.");
            }

            var interval = request.Interval ?? live.BillingInterval;
            var plan = await db.Plans.SingleOrDefaultAsync(row => row.Slug == request.Plan && (row.IsActive || row.Id == live.PlanId), ct);
            if (plan?.PriceOf(interval) is null)
            {
                return Problems.Unprocessable("plan", "There is no such plan on sale.");
            }

            return await ChangeAsync(live, plan, interval, ct) ?? await DoneAsync(ct);
        }

        private async Task<ProblemHttpResult?> ChangeAsync(Subscription live, Plan plan, BillingInterval interval, CancellationToken ct)
        {
            if (interval < live.BillingInterval)
            {
                return Problems.Unprocessable("interval", "A year is not cut short: cancel, and subscribe by the month when it is over.");
            }

            var isSame = plan.Id == live.PlanId && interval == live.BillingInterval;
            if (isSame && live.PendingPlanId is null)
            {
                return Problems.Conflict("It is so already.");
            }

            var isLarger = !isSame && plan.PricePerMonth >= live.Plan.PricePerMonth;
            if (!isLarger && interval != live.BillingInterval)
            {
                return Problems.Unprocessable("interval", "A smaller plan begins with the next period: change the interval then.");
            }

            // What costs more may allow less, too.
            if (plan.Id != live.PlanId && await fit.RefusalsAsync(live, plan, ct) is { Count: > 0 } refusals)
            {
                return Problems.Unprocessable(refusals);
            }

            return isLarger ? await UpgradeAsync(live, plan, interval, ct) : await DowngradeAsync(live, plan, ct);
        }

        private async Task<ProblemHttpResult?> UpgradeAsync(Subscription live, Plan plan, BillingInterval interval, CancellationToken ct)
        {
            var refusal = await provider.ChangePlanAsync(live, plan, interval, atOnce: true, ct);
            if (refusal is null)
            {
                live.Upgrade(plan.Id, interval);
            }

            // A charge that failed is kept too.
            await db.SaveDoneAsync(live, ct);
            // Where Stripe's event was first, it knows nothing of what was pending.
            await (refusal is null && live.IsAtStripe ? db.SetPendingAsync(live, null) : Task.CompletedTask);
            return refusal is null ? null : Problems.Unprocessable("plan", refusal);
        }

        private async Task<ProblemHttpResult?> DowngradeAsync(Subscription live, Plan plan, CancellationToken ct)
        {
            var before = live.PendingPlanId;
            if (plan.Id != live.PlanId)
            {
                // Stripe has its price from now on: unless it is known to be pending by then, it would begin at once. It stays pending where
                // Stripe does not answer, and is asked for again before the period ends.
                live.Downgrade(plan.Id);
                await db.SaveChangesAsync(ct);
            }

            var refusal = await provider.ChangePlanAsync(live, plan, live.BillingInterval, atOnce: false, CancellationToken.None);
            await db.SaveDoneAsync(live, CancellationToken.None);
            if (refusal is not null || plan.Id == live.PlanId)
            {
                await db.SetPendingAsync(live, refusal is null ? null : before);
            }

            return refusal is null ? null : Problems.Unprocessable("plan", refusal);
        }

        // The plan's limits are remembered by the hosts.
        private async Task<Results<Ok<SubscriptionResponse>, ProblemHttpResult>> DoneAsync(CancellationToken ct)
        {
            await changes.TellAsync(scope.RequiredTenantId);
            return TypedResults.Ok(SubscriptionResponse.Of((await db.CurrentSubscriptionAsync(ct))!));
        }
    }
}
