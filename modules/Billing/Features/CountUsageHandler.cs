using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Contracts;
using PenguinMails.Billing.Data;
using PenguinMails.Shared;

namespace PenguinMails.Billing.Features;

internal sealed class CountUsageHandler(BillingDb db, TenantScope scope, TimeProvider clock) : IRequestHandler<CountUsage>
{
    public Task Handle(CountUsage request, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.Amount);
        return db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO usage_counters AS counter (tenant_id, metric, period_start, used)
            VALUES ({scope.RequiredTenantId}, {request.Metric}, {UsageCounter.PeriodOf(clock.GetUtcNow())}, {request.Amount})
            ON CONFLICT (tenant_id, metric, period_start) DO UPDATE SET used = counter.used + excluded.used
            """,
            ct);
    }
}
