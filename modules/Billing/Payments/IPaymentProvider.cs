using PenguinMails.Shared.Http;

namespace PenguinMails.Billing.Payments;

/// <summary>Who takes the tenants' money: Stripe, or where no key is set the local one, which takes test cards.</summary>
internal interface IPaymentProvider
{
    /// <summary>Begins to pay for a plan, or for the same one again.</summary>
    /// <returns>Where the person goes on, relative to the host where it is ours; null where the plan is not sold there.</returns>
    /// <exception cref="ConflictException">It is paid for already.</exception>
    Task<Uri?> CheckoutAsync(Plan plan, BillingInterval interval, CancellationToken ct);

    /// <summary>Where the person changes the card, pays what is open and sees the invoices.</summary>
    Task<Uri?> PortalAsync(Subscription subscription, CancellationToken ct);

    /// <summary>Whether the tenant has a way to pay, so that a change needs no checkout.</summary>
    Task<bool> IsSetUpAsync(Subscription subscription, CancellationToken ct);

    /// <summary>Charges the period that follows, where that is ours to do; the payment is added to the context, not saved.</summary>
    /// <returns>False where it was not paid.</returns>
    Task<bool> RenewAsync(Subscription subscription, DateTimeOffset from, DateTimeOffset until, CancellationToken ct);

    /// <summary>Puts it on another plan: at once with the rest of the period charged or credited, or from the next period on.</summary>
    /// <returns>Null when done, else why not, for people.</returns>
    Task<string?> ChangePlanAsync(Subscription subscription, Plan plan, BillingInterval interval, bool atOnce, CancellationToken ct);

    /// <summary>Lets it end with the period, or go on after all.</summary>
    Task CancelAtPeriodEndAsync(Subscription subscription, bool cancels, CancellationToken ct);

    /// <summary>Ends it now; nothing is paid back.</summary>
    Task EndAsync(Subscription subscription, CancellationToken ct);

    /// <summary>Sells so many of an add-on; 0 takes it off. The rest of the period is charged or credited; e-mails of the month are not credited.</summary>
    /// <param name="known">The one there is; null where it is new.</param>
    Task<AddonSale> SellAddonAsync(Subscription subscription, SubscriptionAddon? known, AddonType type, int quantity, CancellationToken ct);

    /// <summary>Pays back.</summary>
    /// <param name="amount">In whole units, beside what was paid back before.</param>
    /// <returns>Null when done, else why not, for people.</returns>
    Task<string?> RefundAsync(Payment payment, decimal amount, CancellationToken ct);
}

/// <param name="Id">The item's, where it was sold.</param>
/// <param name="Refusal">Why not, for people; null where it was.</param>
internal sealed record AddonSale(string Id, string? Refusal);
