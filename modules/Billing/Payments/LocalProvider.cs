using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Billing.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;

namespace PenguinMails.Billing.Payments;

/// <summary>
/// Takes test cards, and keeps what it knows in our own tables, so that every host and every restart sees the same. Whatever it charges is
/// one transaction with what it is charged for.
/// </summary>
internal sealed class LocalProvider(BillingDb db, TenantScope scope, IOptions<BillingOptions> options, TimeProvider clock) : IPaymentProvider
{
    public const string Currency = "USD";

    // Stripe's own test numbers, so that they do the same at either provider.
    private static readonly Dictionary<string, TestCard> Cards = new()
    {
        ["4242424242424242"] = TestCard.Success,
        ["4000000000000002"] = TestCard.Decline,
        ["4000000000000341"] = TestCard.DeclineLater,
        ["4000002500003155"] = TestCard.NeedsAction,
    };

    /// <summary>The test card of a number; null for any other, real ones among them.</summary>
    public static TestCard? CardOf(string number) =>
        Cards.TryGetValue(number.Replace(" ", "", StringComparison.Ordinal), out var card) ? card : null;

    public async Task<Uri?> CheckoutAsync(Plan plan, BillingInterval interval, CancellationToken ct)
    {
        var checkout = new LocalCheckout
        {
            Id = Guid.CreateVersion7(), TenantId = scope.RequiredTenantId, PlanId = plan.Id, BillingInterval = interval, Created = clock.GetUtcNow(),
        };
        db.LocalCheckouts.Add(checkout);
        await db.SaveChangesAsync(ct);
        return new Uri($"/api/v1/subscription/checkout/{checkout.Id}/confirm", UriKind.Relative);
    }

    // What is open is the period that has begun, on the plan that began with it.
    public async Task<Uri?> PortalAsync(Subscription subscription, CancellationToken ct) => await CheckoutAsync(
        subscription.Status == SubscriptionStatus.Active ? subscription.Plan : await NextPlanAsync(subscription, ct), subscription.BillingInterval, ct);

    public async Task<bool> IsSetUpAsync(Subscription subscription, CancellationToken ct) => await CardAsync(ct) is not null;

    public async Task<bool> RenewAsync(Subscription subscription, DateTimeOffset from, DateTimeOffset until, CancellationToken ct)
    {
        var plan = await NextPlanAsync(subscription, ct);
        return Charge(subscription, await CardAsync(ct), PriceOf(subscription, plan, subscription.BillingInterval), from, until, $"{plan.Name}, the next period");
    }

    /// <summary>Makes a checkout good: the plan is paid for from now on, or where it is paid for already, only the card is another.</summary>
    /// <returns>False where the card was declined.</returns>
    public async Task<bool> CompleteAsync(LocalCheckout checkout, TestCard card, CancellationToken ct)
    {
        if (card == TestCard.Decline)
        {
            return false;
        }

        var now = clock.GetUtcNow();
        var known = await CardAsync(ct);
        checkout.Complete(card, now);
        var subscription = await db.LiveSubscriptionAsync(ct)
            ?? db.Subscriptions.Add(Subscription.Renewed(scope.RequiredTenantId, checkout.PlanId, now)).Entity;
        if (subscription.Status != SubscriptionStatus.Active || known is null)
        {
            var plan = await db.Plans.SingleAsync(row => row.Id == checkout.PlanId, ct);
            var until = checkout.BillingInterval.After(now);
            subscription.Buy(plan.Id, checkout.BillingInterval, now, until);
            Charge(subscription, TestCard.Success, PriceOf(subscription, plan, checkout.BillingInterval), now, until, plan.Name);
        }

        await db.SaveChangesAsync(ct);
        return true;
    }

    public async Task<string?> ChangePlanAsync(Subscription subscription, Plan plan, BillingInterval interval, bool atOnce, CancellationToken ct)
    {
        if (!atOnce)
        {
            return null;
        }

        // A longer interval begins now; else the period stays, and the rest of it is made good.
        var (now, isLonger) = (clock.GetUtcNow(), interval != subscription.BillingInterval);
        var until = isLonger ? interval.After(now) : subscription.CurrentPeriodEnd!.Value;
        var rest = subscription.RestOfPeriod(now);
        var old = PriceOf(subscription, subscription.Plan, subscription.BillingInterval) * rest;
        var price = PriceOf(subscription, plan, interval) * (isLonger ? 1 : rest);
        if (!Charge(subscription, await CardAsync(ct), price - old, now, until, $"{plan.Name}, for {subscription.Plan.Name}"))
        {
            return "The card was declined.";
        }

        if (isLonger)
        {
            subscription.Pay(now, until);
        }

        return null;
    }

    public Task CancelAtPeriodEndAsync(Subscription subscription, bool cancels, CancellationToken ct) => Task.CompletedTask;

    public Task EndAsync(Subscription subscription, CancellationToken ct) => Task.CompletedTask;

    public async Task<AddonSale> SellAddonAsync(Subscription subscription, SubscriptionAddon? known, AddonType type, int quantity, CancellationToken ct)
    {
        var id = known?.Id ?? $"local_{Guid.CreateVersion7():N}";
        var now = clock.GetUtcNow();
        var more = quantity - (known?.Quantity ?? 0);
        var price = more * MonthlyOf(type) * subscription.BillingInterval.Months * subscription.RestOfPeriod(now);
        var isPaid = Charge(subscription, await CardAsync(ct), price, now, subscription.CurrentPeriodEnd ?? now, $"{more} x {SnakeCase.Of(type).Replace('_', ' ')}");
        return new AddonSale(id, isPaid ? null : "The card was declined.");
    }

    public Task<string?> RefundAsync(Payment payment, decimal amount, CancellationToken ct) =>
        Task.FromResult(payment.StripeInvoiceId is null ? null : "It was paid through Stripe, which no key is set for.");

    private async Task<Plan> NextPlanAsync(Subscription subscription, CancellationToken ct)
    {
        var id = subscription.PendingPlanId ?? subscription.PlanId;
        return await db.Plans.SingleAsync(plan => plan.Id == id, ct);
    }

    private async Task<TestCard?> CardAsync(CancellationToken ct) => await db.LocalCheckouts.Where(checkout => checkout.Completed != null)
        .OrderByDescending(checkout => checkout.Completed).ThenByDescending(checkout => checkout.Id)
        .Select(checkout => checkout.Card).FirstOrDefaultAsync(ct);

    // In cents.
    private decimal PriceOf(Subscription subscription, Plan plan, BillingInterval interval) => (plan.PriceOf(interval) ?? 0)
        + subscription.Addons.Where(addon => addon.IsActive).Sum(addon => addon.Quantity * MonthlyOf(addon.AddonType) * interval.Months);

    private int MonthlyOf(AddonType type) => options.Value.Addons[type].Monthly;

    // A credit is not paid out: the local provider has no balance to keep it on.
    private bool Charge(Subscription subscription, TestCard? card, decimal cents, DateTimeOffset from, DateTimeOffset until, string description)
    {
        if (cents <= 0)
        {
            return card is not null;
        }

        var isPaid = card is TestCard.Success or TestCard.NeedsAction;
        db.Payments.Add(new Payment
        {
            Id = Guid.CreateVersion7(),
            TenantId = subscription.TenantId,
            SubscriptionId = subscription.Id,
            InitiatedByUserId = scope.UserId,
            Amount = Money.FromMinor((long)decimal.Round(cents, MidpointRounding.AwayFromZero), Currency),
            Currency = Currency,
            Status = isPaid ? PaymentStatus.Succeeded : PaymentStatus.Failed,
            Processed = clock.GetUtcNow(),
            Description = description,
            BillingPeriodStart = from,
            BillingPeriodEnd = until,
            Created = clock.GetUtcNow(),
        });
        return isPaid;
    }
}
