using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using PenguinMails.Billing.Data;
using PenguinMails.Shared;

namespace PenguinMails.Billing;

/// <summary>Puts a tenant that never had a subscription on the default plan.</summary>
internal sealed class FirstSubscription(BillingDb db, TenantScope scope, IOptions<BillingOptions> options, TimeProvider clock)
{
    /// <summary>Starts it for the scope's tenant; does nothing where there is, or ever was, one.</summary>
    /// <exception cref="InvalidOperationException">The option <c>Billing:DefaultPlan</c> names no active plan.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        if (await db.Subscriptions.AnyAsync(ct))
        {
            return;
        }

        var slug = options.Value.DefaultPlan;
        var plan = await db.Plans.SingleOrDefaultAsync(plan => plan.Slug == slug && plan.IsActive, ct)
            ?? throw new InvalidOperationException($"Billing:DefaultPlan names no active plan: '{slug}'.");
        db.Subscriptions.Add(Subscription.Start(scope.RequiredTenantId, plan.Id, clock.GetUtcNow()));
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // The sign-up or the job was first.
            db.ChangeTracker.Clear();
        }
    }
}
