using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Billing.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;
using PenguinMails.Staff.Contracts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Jobs;

/// <summary>
/// Tells tenants when they have used 80, 95 or 100 % of what their plan allows, once, and takes it back when they use less of it or the
/// plan allows more.
/// </summary>
internal sealed class UsageAlerts(PlatformDatabase platform, IServiceScopeFactory scopes, TimeProvider clock) : IRecurringJob
{
    public const string Id = "billing.usage-alerts";

    // A few counts each, so that many tenants take neither long nor the database's whole attention.
    private const int AtOnce = 4;

    public async Task RunAsync(CancellationToken ct)
    {
        var tenants = await platform.ColumnAsync<Guid>(
            Id,
            """
            SELECT s.tenant_id
            FROM subscriptions s
            JOIN tenants t ON t.id = s.tenant_id
            WHERE s.status IN ('active', 'past_due') AND t.deleted IS NULL
            """,
            ct);
        await Sweep.EachApartAsync(tenants.ToAsyncEnumerable(), AtOnce, RunAsync, ct);
    }

    /// <summary>One tenant's.</summary>
    public async Task RunAsync(Guid tenantId, CancellationToken ct)
    {
        await using var scope = scopes.CreateTenantScope(tenantId);
        var db = scope.ServiceProvider.GetRequiredService<BillingDb>();
        var modules = scope.ServiceProvider.GetRequiredService<ISender>();
        var current = await db.CurrentSubscriptionAsync(ct);
        var metrics = await scope.ServiceProvider.GetRequiredService<TenantUsage>().BesideAsync(current, UsageMonth.Of(clock.GetUtcNow()), ct);
        var told = await db.UsageAlerts.AsNoTracking().ToDictionaryAsync(alert => alert.Metric, ct);
        foreach (var metric in metrics)
        {
            var (level, last) = (UsageAlert.LevelOf(metric.Percent), told.GetValueOrDefault(metric.Limit));
            if (level == last?.Level)
            {
                continue;
            }

            // Noted last: what fails in between is done again, which changes nothing.
            await (last is null ? Task.CompletedTask : modules.Send(Settlement(last), ct));
            await (level is null ? Task.CompletedTask : modules.Send(Notice(tenantId, current!.Plan.Name, metric, level.Value), ct));
            await NoteAsync(db, tenantId, metric.Limit, level, ct);
        }
    }

    private async Task NoteAsync(BillingDb db, Guid tenantId, PlanLimit metric, int? level, CancellationToken ct)
    {
        await db.UsageAlerts.Where(alert => alert.Metric == metric).ExecuteDeleteAsync(ct);
        if (level is { } reached)
        {
            db.UsageAlerts.Add(new UsageAlert { TenantId = tenantId, Metric = metric, Level = reached, Raised = clock.GetUtcNow() });
            await db.SaveChangesAsync(ct);
        }
    }

    private static SettleNotification Settlement(UsageAlert last) =>
        new(UsageAlert.KeyOf(last.Metric, last.Level), last.TenantId, "The share that is used has changed.");

    private static RaiseNotification Notice(Guid tenantId, string plan, MetricUsage metric, int level) => new(
        "usage",
        $"{level} % of {metric.Limit.InWords(metric.Allowed ?? 0)} are used",
        $"The plan {plan} and its add-ons allow {metric.Limit.InWords(metric.Allowed ?? 0)}, and {metric.Limit.InWords(metric.Used)} are used."
            + (level == 100 ? " Nothing more can be added until some are given up or the plan allows more." : ""),
        level switch { 100 => "high", 95 => "warning", _ => "info" },
        UsageAlert.KeyOf(metric.Limit, level),
        tenantId);
}
