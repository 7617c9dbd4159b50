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
        await ExpireOthersAsync(session, ct);
        return new Uri(session.Url);
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
        if (plan.StripePriceOf(interval) is not { } price)
        {
            return "The plan is not sold at the moment.";
        }

        var known = await stripe.AskAsync(api => api.Subscriptions.GetAsync(subscription.StripeSubscriptionId, cancellationToken: ct));
        var item = known.Items.Data.First(row => options.Value.AddonOf(row.Price.Id) is null);
        return await stripe.TryAsync(api => api.Subscriptions.UpdateAsync(
            known.Id,
            new SubscriptionUpdateOptions
            {
                Items = [new() { Id = item.Id, Price = price }],
                ProrationBehavior = atOnce ? "always_invoice" : "none",
                PaymentBehavior = atOnce ? NowOrNever : null,
            },
            cancellationToken: ct));
    }

    public async Task CancelAtPeriodEndAsync(Subscription subscription, bool cancels, CancellationToken ct)
    {
        if (subscription.StripeSubscriptionId is { } id)
        {
            await stripe.AskAsync(api => api.Subscriptions.UpdateAsync(id, new SubscriptionUpdateOptions { CancelAtPeriodEnd = cancels }, cancellationToken: ct));
        }
    }

    public async Task<AddonSale> SellAddonAsync(Subscription subscription, SubscriptionAddon? known, AddonType type, int quantity, CancellationToken ct)
    {
        var id = known?.Id ?? "";
        if (options.Value.Addons[type].StripePriceOf(subscription.BillingInterval) is not { } price)
        {
            return new AddonSale(id, "The add-on is not sold at the moment.");
        }

        var refusal = await stripe.TryAsync(async api => id = (known is null
            ? await api.SubscriptionItems.CreateAsync(
                new SubscriptionItemCreateOptions
                {
                    Subscription = subscription.StripeSubscriptionId, Price = price, Quantity = quantity, ProrationBehavior = "always_invoice", PaymentBehavior = NowOrNever,
                },
                cancellationToken: ct)
            : quantity == 0
                ? await api.SubscriptionItems.DeleteAsync(id, new SubscriptionItemDeleteOptions { ProrationBehavior = "create_prorations" }, cancellationToken: ct)
                : await api.SubscriptionItems.UpdateAsync(
                    id,
                    new SubscriptionItemUpdateOptions { Quantity = quantity, ProrationBehavior = "always_invoice", PaymentBehavior = NowOrNever },
                    cancellationToken: ct)).Id);
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

    // Of several checkouts that are open each could be paid. Who asks twice at once has one of them all the same.
    private async Task ExpireOthersAsync(Stripe.Checkout.Session newest, CancellationToken ct)
    {
        var open = await stripe.AskAsync(api => api.Checkout.Sessions.ListAsync(
            new Stripe.Checkout.SessionListOptions { Customer = newest.CustomerId, Status = "open", Limit = 100 }, cancellationToken: ct));
        foreach (var older in open.Data.Where(row => (row.Created, row.Id).CompareTo((newest.Created, newest.Id)) < 0))
        {
            await stripe.AskAsync(api => api.Checkout.Sessions.ExpireAsync(older.Id, cancellationToken: ct));
        }
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
