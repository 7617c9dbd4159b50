using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PenguinMails.Billing.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Jobs;

/// <summary>
/// Hands tenants whose subscription ended 90 days ago to Tenancy, which closes and later purges them as if their owner had deleted them;
/// payments and the subscription stay, without what is personal in them. Who is brought back by staff is not handed over again.
/// </summary>
internal sealed class HandOverCanceled(PlatformDatabase platform, IServiceScopeFactory scopes, TimeProvider clock) : IRecurringJob
{
    public const string Id = "billing.canceled-tenants";

    public async Task RunAsync(CancellationToken ct)
    {
        var due = await platform.ColumnAsync<Guid>(
            Id,
            """
            SELECT DISTINCT ended.tenant_id
            FROM subscriptions ended
            WHERE ended.status = 'canceled' AND ended.canceled <= $1 AND ended.purge_handed IS NULL
              AND NOT EXISTS (SELECT FROM subscriptions other WHERE other.tenant_id = ended.tenant_id
                AND (other.status <> 'canceled' OR other.canceled > $1))
            """,
            ct, new NpgsqlParameter { Value = clock.GetUtcNow() - Subscription.ReadOnlyTime });
        await Sweep.EachApartAsync(due, async tenantId =>
        {
            await using var scope = scopes.CreateTenantScope(tenantId);
            // Deleted already is as good.
            await scope.ServiceProvider.GetRequiredService<ISender>().Send(new ChangeTenant(tenantId, TenantChange.Delete), ct);
            await scope.ServiceProvider.GetRequiredService<BillingDb>().Subscriptions
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.PurgeHanded, clock.GetUtcNow()), ct);
        }, ct);
    }
}
