using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Contracts;
using PenguinMails.Billing.Data;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

internal sealed class SettleEmailsHandler(BillingDb db, TenantScope scope, TimeProvider clock) : IRequestHandler<SettleEmails>
{
    public Task Handle(SettleEmails request, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.Sent);
        return db.Database.ExecuteSqlAsync(
            $"""
            WITH ended AS (DELETE FROM usage_reservations WHERE id = {request.Reservation})
            INSERT INTO usage_counters AS counter (tenant_id, metric, period_start, used)
            SELECT {scope.RequiredTenantId}, {UsageCounter.Emails}, {UsageMonth.Of(clock.GetUtcNow()).First}, {request.Sent} WHERE {request.Sent} > 0
            ON CONFLICT (tenant_id, metric, period_start) DO UPDATE SET used = counter.used + excluded.used
            """,
            ct);
    }
}
