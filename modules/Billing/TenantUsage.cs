using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Contracts;
using PenguinMails.Billing.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing;

/// <summary>How much of each limit of a plan the current tenant uses, whichever module it is of.</summary>
internal sealed class TenantUsage(BillingDb db, IPublisher modules, TimeProvider clock)
{
    /// <returns>Each <see cref="PlanLimit"/>, as it is now.</returns>
    public Task<IReadOnlyDictionary<PlanLimit, long>> NowAsync(CancellationToken ct) => OfAsync(UsageCounter.PeriodOf(clock.GetUtcNow()), ct);

    /// <param name="month">Its first day, of which what is limited by month is counted.</param>
    public async Task<IReadOnlyDictionary<PlanLimit, long>> OfAsync(DateOnly month, CancellationToken ct)
    {
        var measure = new MeasureUsage(month);
        await modules.Publish(measure, ct);
        measure.Add(PlanLimit.EmailsPerMonth, await db.UsageCounters
            .Where(counter => counter.Metric == UsageMetrics.Emails && counter.PeriodStart == month)
            .Select(counter => counter.Used)
            .SingleOrDefaultAsync(ct));
        return measure.Used;
    }
}
