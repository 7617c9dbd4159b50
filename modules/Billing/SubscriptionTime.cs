using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Data;
using PenguinMails.Billing.Payments;

namespace PenguinMails.Billing;

/// <summary>Moves the current tenant's subscription as far as time alone moves it: renewals, the end of a grace, the end of a canceled one.</summary>
internal sealed class SubscriptionTime(BillingDb db, IPaymentProvider provider, PlanFit fit, SubscriptionNews news, TimeProvider clock)
{
    /// <summary>Does what is due, if anything; whoever else changes the subscription at the same time makes it fail, and the next run does it.</summary>
    public async Task AdvanceAsync(CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        var now = clock.GetUtcNow();
        if (await db.LiveSubscriptionAsync(ct) is { } subscription)
        {
            await (subscription.IsChanging(now) ? KeepWhatIsNeededAsync(subscription, ct) : Task.CompletedTask);
            if (subscription.IsDue(now))
            {
                await CloseAsync(subscription, now, ct);
            }
            else
            {
                subscription.RunOutOfGrace(now);
            }

            await db.SaveChangesAsync(ct);
        }

        await news.TellAsync(ct);
    }

    // It fitted when it was asked for, and may have grown since. What fits is asked for again: Stripe may not have heard of it.
    private async Task KeepWhatIsNeededAsync(Subscription subscription, CancellationToken ct)
    {
        var next = await db.Plans.SingleAsync(plan => plan.Id == subscription.PendingPlanId, ct);
        var refusals = await fit.RefusalsAsync(subscription, next, ct);
        var refusal = await provider.ChangePlanAsync(subscription, refusals.Count == 0 ? next : subscription.Plan, subscription.BillingInterval, atOnce: false, ct);
        if (refusals.Count == 0 || refusal is not null)
        {
            return;
        }

        subscription.Downgrade(subscription.PlanId);
        await db.SaveChangesAsync(ct);
        await news.TellOfKeptPlanAsync(subscription, next, refusals, ct);
    }

    private async Task CloseAsync(Subscription subscription, DateTimeOffset now, CancellationToken ct)
    {
        if (subscription.CancelAtPeriodEnd)
        {
            subscription.End(now);
            return;
        }

        var from = subscription.CurrentPeriodEnd!.Value;
        var until = subscription.BillingInterval.After(from);
        if (await provider.RenewAsync(subscription, from, until, ct))
        {
            subscription.Pay(from, until);
        }
        else
        {
            subscription.FailPayment(now);
        }
    }
}
