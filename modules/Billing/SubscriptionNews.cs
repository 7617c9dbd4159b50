using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Contracts;
using PenguinMails.Billing.Data;
using PenguinMails.Shared;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Billing;

/// <summary>
/// Tells the other modules, and the tenant's people, how the current tenant's subscription stands. What they were told is kept beside the
/// status, so that whatever fails or is cut off is told later: once at least.
/// </summary>
internal sealed class SubscriptionNews(BillingDb db, TenantScope scope, ChangeFeed changes, ISender modules, IPublisher publisher)
{
    /// <summary>Tells what is not told yet.</summary>
    public async Task TellAsync(CancellationToken ct)
    {
        var untold = await db.Subscriptions.Where(row => row.Status != row.ToldStatus).Select(row => new { row.Id, row.Status }).ToListAsync(ct);
        if (untold.Count == 0 || await db.CurrentSubscriptionAsync(ct) is not { } current)
        {
            return;
        }

        // Limits and what is read-only are remembered by the hosts.
        await changes.TellAsync(scope.RequiredTenantId);
        await publisher.Publish(new SubscriptionChanged(scope.RequiredTenantId, current.IsInForce), ct);
        await NotifyAsync(current, ct);
        foreach (var row in untold)
        {
            // One that has moved on meanwhile is still to be told.
            await db.Subscriptions.Where(told => told.Id == row.Id && told.Status == row.Status)
                .ExecuteUpdateAsync(set => set.SetProperty(told => told.ToldStatus, row.Status), ct);
        }
    }

    /// <summary>Tells that the plan stays, since a smaller one that was asked for does not fit any more.</summary>
    public Task TellOfKeptPlanAsync(Subscription current, Plan smaller, IReadOnlyDictionary<string, string[]> refusals, CancellationToken ct) => modules.Send(
        new RaiseNotification(
            "billing", $"The plan {current.Plan.Name} stays", $"{smaller.Name} does not fit any more. {string.Join(' ', refusals.Values.SelectMany(words => words))}", "warning",
            $"plan_kept:{current.TenantId}", current.TenantId),
        ct);

    /// <summary>Tells staff how many addresses of its own the tenant pays for: its servers are ordered, and given back, by people.</summary>
    public Task AskForAddressesAsync(int quantity, CancellationToken ct) => modules.Send(
        new RaiseNotification(
            "billing", "Dedicated addresses are to be ordered or given back",
            $"Tenant {scope.RequiredTenantId} pays for {quantity} from now on: order a server with dedicatedTenantId, or decommission one.", "high",
            $"dedicated_ip:{scope.RequiredTenantId}", null),
        ct);

    private Task NotifyAsync(Subscription current, CancellationToken ct)
    {
        var (key, tenant) = ($"subscription:{scope.RequiredTenantId}", scope.RequiredTenantId);
        return current.Status switch
        {
            SubscriptionStatus.PastDue => Raise("A payment failed", $"Sending goes on until {current.PastDueSince + Subscription.Grace:yyyy-MM-dd}: please look at the card.", "warning"),
            SubscriptionStatus.Unpaid => Raise("The subscription is unpaid", "Sending is paused and nothing can be changed until it is paid.", "high"),
            SubscriptionStatus.Canceled => Raise(
                "The subscription has ended", $"Everything can be read and exported until {current.Canceled + Subscription.ReadOnlyTime:yyyy-MM-dd}.", "warning"),
            _ => modules.Send(new SettleNotification(key, tenant, "The subscription is active."), ct),
        };

        Task Raise(string title, string message, string severity) => modules.Send(new RaiseNotification("billing", title, message, severity, key, tenant), ct);
    }
}
