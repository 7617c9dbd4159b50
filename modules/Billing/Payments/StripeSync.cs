using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PenguinMails.Billing.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Contracts;
using PenguinMails.Tenancy.Contracts;
using Stripe;

namespace PenguinMails.Billing.Payments;

/// <summary>
/// Brings our rows to where Stripe's are, from its events and from its answers alike. A subscription takes the newest state by Stripe's clock;
/// an invoice only ever goes on, from open to paid to paid back, so that neither minds the order or a repetition.
/// </summary>
internal sealed class StripeSync(StripeApi stripe, IServiceScopeFactory scopes, ISender modules, IOptions<BillingOptions> options)
{
    private static readonly InvoiceGetOptions WithPayments = new() { Expand = ["payments"] };

    /// <returns>Why nothing was made of it; null where it was applied.</returns>
    public async Task<string?> ApplyAsync(Event told, CancellationToken ct)
    {
        switch (told.Type)
        {
            case EventTypes.CustomerSubscriptionCreated or EventTypes.CustomerSubscriptionUpdated or EventTypes.CustomerSubscriptionDeleted
                or EventTypes.CustomerSubscriptionPaused or EventTypes.CustomerSubscriptionResumed:
                var subscription = (Stripe.Subscription)told.Data.Object;
                // Of another version of the API it may lack what we read.
                return told.ApiVersion == StripeConfiguration.ApiVersion
                    ? await FollowAsync(subscription, told.Created, isAnswer: false, ct)
                    : await AskAndFollowAsync(subscription.Id, ct);
            case EventTypes.InvoicePaid or EventTypes.InvoicePaymentSucceeded or EventTypes.InvoicePaymentFailed or EventTypes.InvoicePaymentActionRequired
                or EventTypes.InvoiceMarkedUncollectible or EventTypes.InvoiceVoided:
                var id = ((Invoice)told.Data.Object).Id;
                // Events do not name the payment of an invoice.
                return await RecordAsync(await stripe.AskAsync(api => api.Invoices.GetAsync(id, WithPayments, cancellationToken: ct)), ct);
            case EventTypes.ChargeRefunded:
                return await RefundAsync(((Charge)told.Data.Object).Id, failure: null, ct);
            case EventTypes.RefundFailed:
                var failed = (Refund)told.Data.Object;
                return await RefundAsync(failed.ChargeId, failed, ct);
            default:
                return "Nothing is made of events of this type.";
        }
    }

    /// <summary>Stands as Stripe's subscription does.</summary>
    /// <param name="at">When it stood so, by Stripe's clock.</param>
    /// <param name="isAnswer">Whether it was asked for, and is no event.</param>
    public async Task<string?> FollowAsync(Stripe.Subscription theirs, DateTimeOffset at, bool isAnswer, CancellationToken ct)
    {
        if (StatusOf(theirs.Status) is null)
        {
            return "Its first payment has not come.";
        }

        if (await TenantOfAsync(theirs.CustomerId, ct) is not { } tenantId)
        {
            return "No tenant is this customer.";
        }

        await using var scope = scopes.CreateTenantScope(tenantId);
        var db = scope.ServiceProvider.GetRequiredService<BillingDb>();
        var ours = await db.Subscriptions.Include(row => row.Addons).Where(row => row.StripeSubscriptionId == theirs.Id
                || (row.StripeSubscriptionId == null && row.Status != SubscriptionStatus.Canceled))
            .OrderBy(row => row.StripeSubscriptionId == null).FirstOrDefaultAsync(ct);
        // Stripe's clock shows whole seconds: which of two events of the same is the newer, only Stripe knows.
        if (!isAnswer && ours?.StripeApplied == at)
        {
            return await AskAndFollowAsync(theirs.Id, ct);
        }

        var snapshot = await SnapshotAsync(db, theirs, at, ct);
        if (ours is null)
        {
            if (snapshot.Status != SubscriptionStatus.Canceled && await OtherAsync(db, ct) is { } other)
            {
                await TellOfTwoAsync(theirs, other, ct);
                return $"The customer has {other} too.";
            }

            if ((snapshot.PlanId ?? await db.Subscriptions.OrderByDescending(row => row.Id).Select(row => (Guid?)row.PlanId).FirstOrDefaultAsync(ct)) is not { } plan)
            {
                return "No plan has this price.";
            }

            db.Subscriptions.Add(ours = Subscription.Renewed(tenantId, plan, at));
        }

        if (!ours.Follow(snapshot))
        {
            return "Something newer is known.";
        }

        var addresses = ours.DedicatedAddresses;
        if (ours.Status != SubscriptionStatus.Canceled)
        {
            FollowAddons(db, ours, theirs);
        }

        await db.SaveChangesAsync(ct);
        var news = scope.ServiceProvider.GetRequiredService<SubscriptionNews>();
        await (ours.DedicatedAddresses == addresses ? Task.CompletedTask : news.AskForAddressesAsync(ours.DedicatedAddresses, ct));
        await news.TellAsync(ct);
        return null;
    }

    /// <summary>Keeps an invoice as a payment: once, and as far as it has come.</summary>
    /// <param name="invoice">With its payments.</param>
    public async Task<string?> RecordAsync(Invoice invoice, CancellationToken ct)
    {
        if (SnapshotOf(invoice) is not { } snapshot)
        {
            return "No money is asked for.";
        }

        if (await TenantOfAsync(invoice.CustomerId, ct) is not { } tenantId)
        {
            return "No tenant is this customer.";
        }

        await using var scope = scopes.CreateTenantScope(tenantId);
        var db = scope.ServiceProvider.GetRequiredService<BillingDb>();
        var subscriptionId = await db.Subscriptions.Where(row => row.StripeSubscriptionId != null && row.StripeSubscriptionId == snapshot.SubscriptionId)
            .Select(row => (Guid?)row.Id).SingleOrDefaultAsync(ct);
        if (!await KeepAsync(db, tenantId, subscriptionId, snapshot, ct))
        {
            // Another host was first.
            db.ChangeTracker.Clear();
            if (!await KeepAsync(db, tenantId, subscriptionId, snapshot, ct))
            {
                throw new InvalidOperationException($"Others keep changing the payment of {snapshot.Id}: it is tried again.");
            }
        }

        return null;
    }

    /// <summary>So much of a payment is paid back by now.</summary>
    /// <param name="failure">What was to be paid back and was not, which is told to staff; null where none failed.</param>
    /// <returns>False where it is one of a tenant's and not known yet.</returns>
    public async Task<bool> RefundAsync(Charge charge, Refund? failure, CancellationToken ct)
    {
        if (charge.PaymentIntentId is not { } intent || await TenantOfAsync(charge.CustomerId, ct) is not { } tenantId)
        {
            return true;
        }

        await using var scope = scopes.CreateTenantScope(tenantId);
        var db = scope.ServiceProvider.GetRequiredService<BillingDb>();
        await using var transaction = await TenantTransaction.BeginAsync(db, ct);
        if (await db.Payments.SingleOrDefaultAsync(row => row.StripePaymentIntentId == intent, ct) is not { } payment)
        {
            return false;
        }

        // Staff's own refund may be under way: what it adds must not be lost.
        await db.LockAsync($"refund:{payment.Id}", ct);
        await db.Entry(payment).ReloadAsync(ct);
        if (failure is null)
        {
            payment.Refund(RefundedOf(charge));
        }
        else
        {
            payment.FailRefund(RefundedOf(await ChargeAsync(charge.Id, ct)));
        }

        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        await (failure is null ? Task.CompletedTask : TellOfFailureAsync(payment, failure, ct));
        return true;
    }

    // As it is now: an event that comes late would say what was true once.
    private async Task<string?> RefundAsync(string chargeId, Refund? failure, CancellationToken ct)
    {
        var charge = await ChargeAsync(chargeId, ct);
        // It may have come before its invoice: it is tried again.
        return await RefundAsync(charge, failure, ct) ? null : throw new InvalidOperationException($"The payment {charge.PaymentIntentId} is not known yet.");
    }

    private Task<Charge> ChargeAsync(string id, CancellationToken ct) => stripe.AskAsync(api => api.Charges.GetAsync(id, cancellationToken: ct));

    private static decimal RefundedOf(Charge charge) => Money.FromMinor(charge.AmountRefunded, charge.Currency);

    private Task TellOfFailureAsync(Payment payment, Refund failure, CancellationToken ct) => modules.Send(
        new RaiseNotification(
            "billing", "A refund came back",
            $"Of payment {payment.Id} {Money.FromMinor(failure.Amount, failure.Currency)} {payment.Currency} could not be paid back ({failure.FailureReason}): the person is to be paid otherwise.",
            "critical", $"refund_failed:{failure.Id}", null),
        ct);

    // The tenant's other subscription at Stripe, if it has not ended: that it has, may not be known yet.
    private async Task<string?> OtherAsync(BillingDb db, CancellationToken ct)
    {
        if (await LiveAsync() is { } known)
        {
            await AskAndFollowAsync(known, ct);
        }

        return await LiveAsync();

        Task<string?> LiveAsync() => db.Subscriptions.Where(row => row.Status != SubscriptionStatus.Canceled).Select(row => row.StripeSubscriptionId).SingleOrDefaultAsync(ct);
    }

    // A tenant has one that has not ended, at most. Which is to go, and what was paid for it to be paid back, people decide.
    private Task TellOfTwoAsync(Stripe.Subscription theirs, string other, CancellationToken ct) => modules.Send(
        new RaiseNotification(
            "billing", "A customer pays twice", $"At Stripe {theirs.CustomerId} has {other}, and {theirs.Id} besides: cancel one of them, and pay back what was paid for it.",
            "critical", $"stripe_twice:{theirs.CustomerId}", null),
        ct);

    private async Task<string?> AskAndFollowAsync(string id, CancellationToken ct)
    {
        var now = await stripe.AskAsync(api => api.Subscriptions.GetAsync(id, cancellationToken: ct));
        return await FollowAsync(now, StripeApi.TimeOf(now), isAnswer: true, ct);
    }

    private Task<Guid?> TenantOfAsync(string? customer, CancellationToken ct) =>
        customer is null ? Task.FromResult<Guid?>(null) : modules.Send(new FindTenantOfCustomer(customer), ct);

    /// <summary>Null before it has begun, and where it never did.</summary>
    public static SubscriptionStatus? StatusOf(string status) => status switch
    {
        "active" or "trialing" => SubscriptionStatus.Active,
        "past_due" => SubscriptionStatus.PastDue,
        "unpaid" or "paused" => SubscriptionStatus.Unpaid,
        "canceled" => SubscriptionStatus.Canceled,
        "incomplete" or "incomplete_expired" => null,
        _ => throw new InvalidOperationException($"Stripe has a status that we do not know: {status}."),
    };

    private async Task<StripeSnapshot> SnapshotAsync(BillingDb db, Stripe.Subscription theirs, DateTimeOffset at, CancellationToken ct)
    {
        // The others are add-ons.
        var item = theirs.Items.Data.First(row => options.Value.AddonOf(row.Price.Id) is null);
        var price = item.Price.Id;
        var plan = await db.Plans.Where(row => row.StripePriceMonthly == price || row.StripePriceYearly == price).Select(row => (Guid?)row.Id).SingleOrDefaultAsync(ct);
        return new StripeSnapshot(
            theirs.Id, StatusOf(theirs.Status)!.Value, plan, item.Price.Recurring?.Interval == "year" ? BillingInterval.Year : BillingInterval.Month,
            item.CurrentPeriodStart, item.CurrentPeriodEnd, theirs.CancelAtPeriodEnd || theirs.CancelAt is not null, at);
    }

    private void FollowAddons(BillingDb db, Subscription ours, Stripe.Subscription theirs)
    {
        var items = theirs.Items.Data.Where(item => options.Value.AddonOf(item.Price.Id) is not null).ToDictionary(item => item.Id);
        foreach (var addon in ours.Addons)
        {
            addon.IsActive = items.Remove(addon.Id, out var item);
            if (item is not null)
            {
                (addon.Quantity, addon.StripePriceId, addon.PriceMonthly) = ((int)item.Quantity, item.Price.Id, MonthlyOf(item.Price) ?? addon.PriceMonthly);
            }
        }

        db.Addons.AddRange(items.Values.Select(item => new SubscriptionAddon
        {
            Id = item.Id, TenantId = ours.TenantId, SubscriptionId = ours.Id, AddonType = options.Value.AddonOf(item.Price.Id)!.Value, Quantity = (int)item.Quantity,
            PriceMonthly = MonthlyOf(item.Price), StripePriceId = item.Price.Id,
        }));
    }

    private static decimal? MonthlyOf(Price price) =>
        price.UnitAmount is { } minor ? Money.FromMinor(minor, price.Currency) / (price.Recurring?.Interval == "year" ? 12 : 1) : null;

    private static InvoiceSnapshot? SnapshotOf(Invoice invoice)
    {
        PaymentStatus? status = invoice.Status switch
        {
            "paid" => PaymentStatus.Succeeded,
            "open" when invoice.AttemptCount == 0 => PaymentStatus.Pending,
            "open" or "uncollectible" or "void" => PaymentStatus.Failed,
            _ => null,
        };
        var minor = status == PaymentStatus.Succeeded ? invoice.AmountPaid : invoice.AmountDue;
        if (status is not { } known || minor <= 0)
        {
            return null;
        }

        // Of the invoice itself it is the time before: the lines say what is paid for.
        var period = invoice.Lines?.Data.MaxBy(line => line.Period?.End)?.Period;
        return new InvoiceSnapshot(
            invoice.Id, invoice.CustomerId, invoice.Parent?.SubscriptionDetails?.SubscriptionId,
            invoice.Payments?.Data.FirstOrDefault(payment => payment.Status == "paid")?.Payment?.PaymentIntentId, known,
            Money.FromMinor(minor, invoice.Currency), invoice.Currency.ToUpperInvariant(), period?.Start ?? invoice.PeriodStart, period?.End ?? invoice.PeriodEnd,
            invoice.StatusTransitions?.PaidAt ?? invoice.Created, invoice.Number is { } number ? $"Invoice {number}" : null, invoice.HostedInvoiceUrl);
    }

    private static async Task<bool> KeepAsync(BillingDb db, Guid tenantId, Guid? subscriptionId, InvoiceSnapshot invoice, CancellationToken ct)
    {
        var payment = await db.Payments.SingleOrDefaultAsync(row => row.StripeInvoiceId == invoice.Id, ct);
        if (payment is null)
        {
            payment = new Payment
            {
                Id = Guid.CreateVersion7(), TenantId = tenantId, SubscriptionId = subscriptionId, Amount = invoice.Amount, Currency = invoice.Currency,
                Status = PaymentStatus.Pending, Description = invoice.Description, StripeInvoiceId = invoice.Id, BillingPeriodStart = invoice.PeriodStart,
                BillingPeriodEnd = invoice.PeriodEnd, Created = invoice.Processed,
            };
            db.Payments.Add(payment);
        }

        payment.SubscriptionId ??= subscriptionId;
        payment.Follow(invoice);
        return await db.SaveFirstAsync(ct);
    }
}
