using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Billing.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing;

/// <summary>What the current tenant's subscription says of a limit or a feature.</summary>
internal sealed class PlanAnswers(BillingDb db, IOptions<BillingOptions> options)
{
    public async Task<Allowance> OfAsync(PlanLimit limit, CancellationToken ct) => await OfAsync(await db.CurrentSubscriptionAsync(ct), limit, ct);

    public async Task<Allowance> OfAsync(Subscription? current, PlanLimit limit, CancellationToken ct)
    {
        var allowed = AllowedBy(current, limit);
        if (current is not { IsInForce: true })
        {
            return new Allowance(limit, StandingOf(current), allowed, []);
        }

        var offers = allowed is null ? [] : await OnSale().ToListAsync(ct);
        return new Allowance(
            limit, StandingOf(current), allowed, [.. offers.Select(plan => new PlanOffer(plan.Slug, current.AllowedOn(plan, limit, options.Value)))]);
    }

    /// <summary>How many there may be; null is unlimited.</summary>
    // Without a subscription in force a tenant is read-only: it keeps what it has, and nothing more is allowed.
    public long? AllowedBy(Subscription? current, PlanLimit limit) =>
        current is { IsInForce: true } ? current.AllowedOn(current.Plan, limit, options.Value) : 0;

    /// <returns>Null where the tenant has the feature.</returns>
    public async Task<PlanRefusal?> OfAsync(PlanFeature feature, CancellationToken ct)
    {
        var (current, name) = (await db.CurrentSubscriptionAsync(ct), SnakeCase.Of(feature));
        if (current is not { IsInForce: true })
        {
            return PlanRefusal.OfPayment(name, StandingOf(current));
        }

        if (current.Plan.Has(feature))
        {
            return null;
        }

        var upgrade = (await OnSale().ToListAsync(ct)).FirstOrDefault(plan => plan.Has(feature))?.Slug;
        return new PlanRefusal(name, $"The plan {current.Plan.Name} does not include {name.Replace('_', ' ')}.", current.Plan.Slug, upgrade);
    }

    // The cheapest first; what has no price is not for self-service.
    private IOrderedQueryable<Plan> OnSale() => db.Plans.AsNoTracking()
        .Where(plan => plan.IsActive && plan.PriceMonthly != null).OrderBy(plan => plan.PriceMonthly).ThenBy(plan => plan.Slug);

    private static PlanStanding StandingOf(Subscription? current) => current is null
        ? new PlanStanding(null, "(none)", "There is no subscription.")
        : new PlanStanding(current.Plan.Slug, current.Plan.Name, current.IsInForce ? null : $"The subscription is {SnakeCase.Of(current.Status)}.");
}
