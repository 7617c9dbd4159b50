using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Billing.Jobs;

/// <summary>Moves the subscriptions that time moves, and tells of changes that nobody was told of yet.</summary>
internal sealed class AdvanceSubscriptions(PlatformDatabase platform, IServiceScopeFactory scopes, TimeProvider clock) : IRecurringJob
{
    public const string Id = "billing.subscriptions";

    public async Task RunAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var due = await platform.ColumnAsync<Guid>(
            Id,
            """
            SELECT tenant_id FROM subscriptions WHERE status = 'past_due' AND past_due_since <= $1
            UNION
            SELECT tenant_id FROM subscriptions
            WHERE status <> 'canceled' AND current_period_end <= $2 AND stripe_subscription_id IS NULL AND (status = 'active' OR cancel_at_period_end)
            UNION
            SELECT tenant_id FROM subscriptions WHERE status <> told_status
            """,
            ct, new NpgsqlParameter { Value = now - Subscription.Grace }, new NpgsqlParameter { Value = now });
        await Sweep.EachApartAsync(due, async tenantId =>
        {
            await using var scope = scopes.CreateTenantScope(tenantId);
            await scope.ServiceProvider.GetRequiredService<SubscriptionTime>().AdvanceAsync(ct);
        }, ct);
    }
}
