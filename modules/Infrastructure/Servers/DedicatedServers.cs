using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Contracts;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;

namespace PenguinMails.Infrastructure.Servers;

/// <summary>A tenant's own servers go when its subscription lapses, at the end of what is paid for them; a payment before that keeps them.</summary>
internal sealed class DedicatedServers(PlatformDb<InfrastructureDb> platform, TimeProvider clock) : INotificationHandler<SubscriptionChanged>
{
    private const int Attempts = 5;

    public async Task Handle(SubscriptionChanged changed, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await ApplyAsync(changed, ct);
                return;
            }
            catch (DbUpdateConcurrencyException) when (attempt < Attempts)
            {
                // A run was at the same server. A payment must not be lost because of that.
            }
        }
    }

    private async Task ApplyAsync(SubscriptionChanged changed, CancellationToken ct)
    {
        await using var db = platform.Open("servers");
        foreach (var server in await db.VpsInstances.Where(server => server.DedicatedTenantId == changed.TenantId).ToListAsync(ct))
        {
            if (!changed.IsInForce)
            {
                server.ScheduleDecommission(DecommissionCause.Subscription, "The tenant's subscription is not in force.", clock.GetUtcNow());
            }
            else if (server.DecommissionCause == DecommissionCause.Subscription)
            {
                server.CancelDecommission(clock.GetUtcNow());
            }
        }

        await db.SaveChangesAsync(ct);
    }
}
