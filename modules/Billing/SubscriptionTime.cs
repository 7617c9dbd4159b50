using PenguinMails.Billing.Data;
using PenguinMails.Billing.Payments;

namespace PenguinMails.Billing;

/// <summary>Moves the current tenant's subscription as far as time alone moves it: renewals, the end of a grace, the end of a canceled one.</summary>
internal sealed class SubscriptionTime(BillingDb db, IPaymentProvider provider, SubscriptionNews news, TimeProvider clock)
{
    /// <summary>Does what is due, if anything; whoever else changes the subscription at the same time makes it fail, and the next run does it.</summary>
    public async Task AdvanceAsync(CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        var now = clock.GetUtcNow();
        if (await db.LiveSubscriptionAsync(ct) is { } subscription)
        {
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
