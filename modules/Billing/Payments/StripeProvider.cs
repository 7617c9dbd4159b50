using MediatR;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;
using Stripe;

namespace PenguinMails.Billing.Payments;

/// <summary>Stripe Billing: its pages take the money, its subscriptions renew by themselves, and its events say what became of them.</summary>
internal sealed class StripeProvider(StripeApi stripe, ISender modules, TenantScope scope, IOptions<BillingOptions> options, IOptions<StripeOptions> account, IConfiguration configuration)
    : IPaymentProvider
{
    // The difference is paid now or nothing changes: no subscription hangs between two plans.
    private const string NowOrNever = "error_if_incomplete";

    private string ReturnUrl => (options.Value.ReturnUrl?.ToString() ?? configuration["Sending:PublicUrl"] ?? "http://localhost").TrimEnd('/');

    public async Task<Uri?> CheckoutAsync(Plan plan, BillingInterval interval, CancellationToken ct)
    {
        if (plan.StripePriceOf(interval) is not { } price)
        {
            return null;
        }

        var customer = await CustomerAsync(ct);
        await RefuseSecondAsync(customer, ct);
        var session = await stripe.AskAsync(api => api.Checkout.Sessions.CreateAsync(
            new Stripe.Checkout.SessionCreateOptions
            {
                Mode = "subscription",
                Customer = customer,
                ClientReferenceId = scope.RequiredTenantId.ToString(),
                LineItems = [new() { Price = price, Quantity = 1 }],
                // It needs an address, which the person gives there.
                AutomaticTax = new() { Enabled = account.Value.AutomaticTax },
                CustomerUpdate = account.Value.AutomaticTax ? new() { Address = "auto", Name = "auto" } : null,
                TaxIdCollection = new() { Enabled = account.Value.AutomaticTax },
                SuccessUrl = $"{ReturnUrl}/?checkout=success",
                CancelUrl = $"{ReturnUrl}/?checkout=canceled",
            },
            cancellationToken: ct));
        return new Uri((await OnlyOneAsync(session, ct)).Url);
    }

    public async Task<Uri?> PortalAsync(Subscription subscription, CancellationToken ct)
    {
        var customer = await CustomerAsync(ct);
        var session = await stripe.AskAsync(api => api.BillingPortal.Sessions.CreateAsync(
            new Stripe.BillingPortal.SessionCreateOptions { Customer = customer, ReturnUrl = $"{ReturnUrl}/" }, cancellationToken: ct));
        return new Uri(session.Url);
    }

    public Task<bool> IsSetUpAsync(Subscription subscription, CancellationToken ct) => Task.FromResult(subscription.IsAtStripe);

    // What is subscribed at Stripe it charges itself; nothing else can be charged.
    public Task<bool> RenewAsync(Subscription subscription, DateTimeOffset from, DateTimeOffset until, CancellationToken ct) => Task.FromResult(false);

    public async Task<string?> ChangePlanAsync(Subscription subscription, Plan plan, BillingInterval interval, bool atOnce, CancellationToken ct)
    {
        if (!subscription.IsAtStripe || plan.StripePriceOf(interval) is not { } price)
        {
            return "The plan is not sold at the moment.";
        }

        var known = await stripe.AskAsync(api => api.Subscriptions.GetAsync(subscription.StripeSubscriptionId, cancellationToken: ct));
        // Add-ons go by the same interval: of several a cancellation would come with the shortest.
        var items = known.Items.Data.ConvertAll(row => new SubscriptionItemOptions
        {
            Id = row.Id, Price = options.Value.AddonOf(row.Price.Id) is { } addon ? options.Value.Addons[addon].StripePriceOf(interval) : price,
        });
        if (items.Exists(item => item.Price is null))
        {
            return "An add-on is not sold by that interval: take it off first.";
        }

        return await stripe.TryAsync(async api => subscription.Answered(StripeApi.TimeOf(await api.Subscriptions.UpdateAsync(
            known.Id,
            new SubscriptionUpdateOptions
            {
                Items = items,
                ProrationBehavior = atOnce ? "always_invoice" : "none",
                PaymentBehavior = atOnce ? NowOrNever : null,
            },
            cancellationToken: ct))));
    }

    public async Task CancelAtPeriodEndAsync(Subscription subscription, bool cancels, CancellationToken ct)
    {
        if (subscription.StripeSubscriptionId is not { } id)
        {
            return;
        }

        var change = new SubscriptionUpdateOptions { CancelAtPeriodEnd = cancels };
        if (!cancels && await stripe.AskAsync(api => api.Subscriptions.GetAsync(id, cancellationToken: ct)) is { CancelAtPeriodEnd: false, CancelAt: not null })
        {
            // Stripe's own pages set a date instead.
            change = new SubscriptionUpdateOptions();
            change.AddExtraParam("cancel_at", "");
        }

        subscription.Answered(StripeApi.TimeOf(await stripe.AskAsync(api => api.Subscriptions.UpdateAsync(id, change, cancellationToken: ct))));
    }

    public async Task EndAsync(Subscription subscription, CancellationToken ct)
    {
        if (subscription.StripeSubscriptionId is { } id)
        {
            await stripe.AskAsync(api => api.Subscriptions.CancelAsync(id, cancellationToken: ct));
        }
    }

    public async Task<AddonSale> SellAddonAsync(Subscription subscription, SubscriptionAddon? known, AddonType type, int quantity, CancellationToken ct)
    {
        var id = known?.Id ?? "";
        if (options.Value.Addons[type].StripePriceOf(subscription.BillingInterval) is not { } price)
        {
            return new AddonSale(id, "The add-on is not sold at the moment.");
        }

        // What is limited by the month is used, whatever is left of the period.
        var isUsed = type == AddonType.ExtraEmails && quantity < known?.Quantity;
        var refusal = await stripe.TryAsync(async api =>
        {
            var item = known is null
                ? await api.SubscriptionItems.CreateAsync(
                    new SubscriptionItemCreateOptions
                    {
                        Subscription = subscription.StripeSubscriptionId, Price = price, Quantity = quantity, ProrationBehavior = "always_invoice", PaymentBehavior = NowOrNever,
                    },
                    cancellationToken: ct)
                : quantity == 0
                    ? await api.SubscriptionItems.DeleteAsync(id, new SubscriptionItemDeleteOptions { ProrationBehavior = isUsed ? "none" : "create_prorations" }, cancellationToken: ct)
                    : await api.SubscriptionItems.UpdateAsync(
                        id,
                        new SubscriptionItemUpdateOptions { Quantity = quantity, ProrationBehavior = isUsed ? "none" : "always_invoice", PaymentBehavior = NowOrNever },
                        cancellationToken: ct);
            id = item.Id;
            subscription.Answered(StripeApi.TimeOf(item));
        });
        return new AddonSale(id, refusal);
    }

    public async Task<string?> RefundAsync(Payment payment, decimal amount, CancellationToken ct)
    {
        if (payment.StripePaymentIntentId is not { } intent)
        {
            return "It was not paid through Stripe.";
        }

        var (before, more) = (Money.ToMinor(payment.RefundedAmount, payment.Currency), Money.ToMinor(amount, payment.Currency));
        return await stripe.TryAsync(api => api.Refunds.CreateAsync(
            new RefundCreateOptions { PaymentIntent = intent, Amount = more },
            // Asked again after an answer that was lost, it is the same refund.
            new RequestOptions { IdempotencyKey = FormattableString.Invariant($"refund-{payment.Id}-{before}-{more}") },
            ct));
    }

    // One that was just paid for is there before we have heard of it.
    private async Task RefuseSecondAsync(string customer, CancellationToken ct)
    {
        var known = await stripe.AskAsync(api => api.Subscriptions.ListAsync(new SubscriptionListOptions { Customer = customer }, cancellationToken: ct));
        if (known.Data.Any(row => StripeSync.StatusOf(row.Status) is not (null or SubscriptionStatus.Canceled)))
        {
            throw new ConflictException("There is a subscription at Stripe already, which is shown here in a moment.");
        }
    }

    // Of several checkouts that are open each could be paid: of any who ask at once all get the same one. And one may have been paid by now.
    private async Task<Stripe.Checkout.Session> OnlyOneAsync(Stripe.Checkout.Session own, CancellationToken ct)
    {
        var open = await stripe.AskAsync(api => api.Checkout.Sessions.ListAsync(
            new Stripe.Checkout.SessionListOptions { Customer = own.CustomerId, Status = "open", Limit = 100 }, cancellationToken: ct));
        var sessions = open.Data.OrderByDescending(row => row.Created).ThenByDescending(row => row.Id, StringComparer.Ordinal).ToList();
        foreach (var other in sessions.Skip(1))
        {
            await ExpireAsync(other);
        }

        var kept = sessions.FirstOrDefault() ?? own;
        try
        {
            await RefuseSecondAsync(own.CustomerId, ct);
            return kept;
        }
        catch (ConflictException)
        {
            await ExpireAsync(kept);
            throw;
        }

        Task ExpireAsync(Stripe.Checkout.Session session) => stripe.AskAsync(api => api.Checkout.Sessions.ExpireAsync(session.Id, cancellationToken: ct));
    }

    private async Task<string> CustomerAsync(CancellationToken ct)
    {
        var known = await modules.Send(new GetBillingCustomer(), ct);
        if (known.StripeCustomerId is { } id)
        {
            return id;
        }

        var customer = await stripe.AskAsync(api => api.Customers.CreateAsync(
            new CustomerCreateOptions
            {
                Name = known.Name, Email = known.Email, Metadata = new Dictionary<string, string> { ["tenant_id"] = scope.RequiredTenantId.ToString() },
            },
            // Of two who ask at once both have the same.
            new RequestOptions { IdempotencyKey = $"customer-{scope.RequiredTenantId}" },
            ct));
        await modules.Send(new SetStripeCustomer(customer.Id), ct);
        return customer.Id;
    }
}
