using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using PenguinMails.Billing.Data;
using PenguinMails.Billing.Payments;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;

namespace PenguinMails.Billing.Features.Addons;

/// <summary>Sells add-ons to the current tenant, more or fewer of them.</summary>
internal sealed class AddonSales(
    BillingDb db, IPaymentProvider provider, PlanFit fit, TenantScope scope, ChangeFeed changes, SubscriptionNews news, IOptions<BillingOptions> options)
{
    /// <summary>The one that is active, of the id.</summary>
    public static SubscriptionAddon? Find(Subscription? live, string id) => live?.Addons.SingleOrDefault(addon => addon.Id == id && addon.IsActive);

    /// <param name="known">The active one of the type; null where there is none yet.</param>
    /// <param name="quantity">How many there are afterwards; 0 ends it.</param>
    /// <returns>The add-on, or why not.</returns>
    public async Task<(SubscriptionAddon? Sold, ProblemHttpResult? Problem)> SellAsync(
        Subscription live, SubscriptionAddon? known, AddonType type, int quantity, CancellationToken ct)
    {
        if (live.Status != SubscriptionStatus.Active || !await provider.IsSetUpAsync(live, ct))
        {
            return (null, Problems.Conflict("The plan comes first: POST /subscription/checkout, or what is open at POST /subscription/portal."));
        }

        if (quantity > (known?.Quantity ?? 0) && type.Raises is { } raised && live.Plan.LimitOf(raised) is null)
        {
            return (null, Problems.Unprocessable("type", $"The plan {live.Plan.Name} has no limit that this would raise."));
        }

        if (quantity < known?.Quantity && await FewerAsync(live, known, quantity, ct) is { Count: > 0 } refusals)
        {
            return (null, Problems.Unprocessable(refusals));
        }

        var sale = await provider.SellAddonAsync(live, known, type, quantity, ct);
        var sold = sale.Refusal is null ? Keep(live, known, type, quantity, sale.Id) : null;
        // A charge that failed is kept too.
        if (!await db.SaveDoneAsync(live, ct))
        {
            return (null, Problems.Conflict("There is such an add-on: change how many."));
        }

        if (sale.Refusal is { } refusal)
        {
            return (null, Problems.Unprocessable("quantity", refusal));
        }

        await changes.TellAsync(scope.RequiredTenantId);
        await (type == AddonType.DedicatedIp ? news.AskForAddressesAsync(quantity, CancellationToken.None) : Task.CompletedTask);
        return (sold, null);
    }

    // What would be too much with fewer of them: also of this month. The rows stay as they are until it is sold.
    private async Task<Dictionary<string, string[]>> FewerAsync(Subscription live, SubscriptionAddon known, int quantity, CancellationToken ct)
    {
        if (known.AddonType.Raises is not { } limit)
        {
            return [];
        }

        var before = known.Quantity;
        known.Quantity = quantity;
        var refusals = await fit.RefusalsAsync(live, live.Plan, ct, limit);
        known.Quantity = before;
        return refusals;
    }

    private SubscriptionAddon Keep(Subscription live, SubscriptionAddon? known, AddonType type, int quantity, string id)
    {
        if (known is null)
        {
            var price = options.Value.Addons[type];
            known = new SubscriptionAddon
            {
                Id = id, TenantId = live.TenantId, SubscriptionId = live.Id, AddonType = type, Quantity = quantity,
                PriceMonthly = Money.FromMinor(price.Monthly, LocalProvider.Currency), StripePriceId = price.StripePriceOf(live.BillingInterval),
            };
            db.Addons.Add(known);
            return known;
        }

        // The table has no quantity of 0.
        (known.Quantity, known.IsActive) = (quantity == 0 ? known.Quantity : quantity, quantity > 0);
        return known;
    }
}
