using MediatR;
using Microsoft.Extensions.Options;
using PenguinMails.Billing.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing;

/// <summary>How much of each limit of a plan the current tenant uses, whichever module it is of.</summary>
internal sealed class TenantUsage(BillingDb db, IPublisher modules, IOptions<BillingOptions> options, TimeProvider clock)
{
    /// <returns>Each <see cref="PlanLimit"/>, as it is now.</returns>
    public Task<IReadOnlyDictionary<PlanLimit, long>> NowAsync(CancellationToken ct) => OfAsync(UsageMonth.Of(clock.GetUtcNow()), ct);

    /// <param name="month">Of which what is limited by month is counted; the rest is as it is now.</param>
    public async Task<IReadOnlyDictionary<PlanLimit, long>> OfAsync(UsageMonth month, CancellationToken ct)
    {
        var measure = new MeasureUsage(month);
        await modules.Publish(measure, ct);
        measure.Add(PlanLimit.EmailsPerMonth, await db.EmailsSentAsync(month, ct));
        return measure.Used;
    }

    /// <summary>The same beside what a subscription's plan and add-ons allow at present.</summary>
    /// <param name="current">Null: there is none, which allows nothing.</param>
    public async Task<IReadOnlyList<MetricUsage>> BesideAsync(Subscription? current, UsageMonth month, CancellationToken ct) =>
    [
        .. (await OfAsync(month, ct)).OrderBy(metric => metric.Key).Select(metric => new MetricUsage(
            metric.Key, metric.Value, current is null ? 0 : current.AllowedOn(current.Plan, metric.Key, options.Value))),
    ];
}
