using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Billing.Jobs;

/// <summary>Starts the subscription of each tenant whose sign-up was cut off before it had one.</summary>
internal sealed class StartMissingSubscriptions(PlatformDatabase platform, IServiceScopeFactory scopes) : IRecurringJob
{
    public const string Id = "billing.missing-subscriptions";

    public async Task RunAsync(CancellationToken ct)
    {
        var tenants = await platform.ColumnAsync<Guid>(
            Id,
            """
            SELECT t.id
            FROM tenants t
            WHERE t.deleted IS NULL AND NOT EXISTS (SELECT FROM subscriptions s WHERE s.tenant_id = t.id)
            """,
            ct);
        await Sweep.EachApartAsync(tenants, async tenant =>
        {
            await using var scope = scopes.CreateTenantScope(tenant);
            await scope.ServiceProvider.GetRequiredService<FirstSubscription>().StartAsync(ct);
        }, ct);
    }
}
