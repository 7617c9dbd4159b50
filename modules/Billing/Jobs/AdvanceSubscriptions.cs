using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PenguinMails.Billing.Data;
using PenguinMails.Billing.Payments;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Billing.Jobs;

/// <summary>Moves the subscriptions that time moves, and tells of changes that nobody was told of yet.</summary>
internal sealed class AdvanceSubscriptions(PlatformDatabase platform, IServiceScopeFactory scopes, TimeProvider clock) : IRecurringJob
{
    public const string Id = "billing.subscriptions";

    public Task RunAsync(CancellationToken ct) =>
        Sweep.EachApartAsync<Func<CancellationToken, Task>>([StopDeletedAsync, AdvanceAsync], step => step(ct), ct);

    private async Task AdvanceAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var due = await platform.ColumnAsync<Guid>(
            Id,
            """
            SELECT tenant_id FROM subscriptions WHERE status = 'past_due' AND past_due_since <= $1
            UNION
            SELECT s.tenant_id FROM subscriptions s JOIN tenants t ON t.id = s.tenant_id
            WHERE s.status <> 'canceled' AND s.current_period_end <= $2 AND s.stripe_subscription_id IS NULL
                AND (s.cancel_at_period_end OR (s.status = 'active' AND t.deleted IS NULL))
            UNION
            SELECT tenant_id FROM subscriptions WHERE status = 'active' AND pending_plan_id IS NOT NULL AND current_period_end <= $3
            UNION
            SELECT tenant_id FROM subscriptions WHERE status <> told_status
            """,
            ct, new NpgsqlParameter { Value = now - Subscription.Grace }, new NpgsqlParameter { Value = now },
            new NpgsqlParameter { Value = now + Subscription.ChangeNotice });
        await Sweep.EachApartAsync(due, async tenantId =>
        {
            await using var scope = scopes.CreateTenantScope(tenantId);
            await scope.ServiceProvider.GetRequiredService<SubscriptionTime>().AdvanceAsync(ct);
        }, ct);
    }

    // Before what is due: a tenant that is deleted pays for no further period.
    private async Task StopDeletedAsync(CancellationToken ct)
    {
        var deleted = await platform.ColumnAsync<Guid>(
            Id,
            """
            SELECT s.tenant_id FROM subscriptions s JOIN tenants t ON t.id = s.tenant_id
            WHERE t.deleted IS NOT NULL AND s.status <> 'canceled' AND (s.status <> 'active' OR NOT s.cancel_at_period_end)
            """,
            ct);
        await Sweep.EachApartAsync(deleted, async tenantId =>
        {
            await using var scope = scopes.CreateTenantScope(tenantId);
            var (db, provider) = (scope.ServiceProvider.GetRequiredService<BillingDb>(), scope.ServiceProvider.GetRequiredService<IPaymentProvider>());
            if (await db.LiveSubscriptionAsync(ct) is not { } live)
            {
                return;
            }

            if (live.Status != SubscriptionStatus.Active)
            {
                // Else Stripe would go on trying the card for what is open.
                await provider.EndAsync(live, ct);
                live.End(clock.GetUtcNow());
            }
            else if (live.CancelAtEnd())
            {
                await provider.CancelAtPeriodEndAsync(live, cancels: true, ct);
            }

            await db.SaveDoneAsync(live, ct);
        }, ct);
    }
}
