using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Contracts;
using PenguinMails.Billing.Data;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

internal sealed class ReserveEmailsHandler(BillingDb db, PlanAnswers answers, TenantScope scope, TimeProvider clock)
    : IRequestHandler<ReserveEmails, EmailReservation>
{
    // A batch takes minutes.
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    public async Task<EmailReservation> Handle(ReserveEmails request, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.Wanted);
        var id = Guid.CreateVersion7();
        return answers.AllowedBy(await db.CurrentSubscriptionAsync(ct), PlanLimit.EmailsPerMonth) is { } allowed
            ? new EmailReservation(id, await TakeAsync(id, request.Wanted, allowed, ct))
            : new EmailReservation(id, request.Wanted);
    }

    private async Task<int> TakeAsync(Guid id, int wanted, long allowed, CancellationToken ct)
    {
        var (tenantId, now) = (scope.RequiredTenantId, clock.GetUtcNow());
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.LockAsync($"emails of:{tenantId}", ct);
        await db.Reservations.Where(reservation => reservation.Expires <= now).ExecuteDeleteAsync(ct);
        var granted = (int)Math.Clamp(allowed - await TakenAsync(now, ct), 0, wanted);
        if (granted > 0)
        {
            // Not tracked: a dispatcher may keep its scope for long.
            await db.Database.ExecuteSqlAsync(
                $"INSERT INTO usage_reservations (id, tenant_id, amount, expires) VALUES ({id}, {tenantId}, {granted}, {now + Patience})", ct);
        }

        await transaction.CommitAsync(ct);
        return granted;
    }

    // In one look: what is settled meanwhile moves from the one to the other.
    private async Task<long> TakenAsync(DateTimeOffset now, CancellationToken ct) => (await db.Database.SqlQuery<long>($"""
        SELECT (
            coalesce((SELECT sum(amount) FROM usage_reservations), 0)
            + coalesce((SELECT used FROM usage_counters WHERE metric = {UsageCounter.Emails} AND period_start = {UsageMonth.Of(now).First}), 0))::bigint AS "Value"
        """).ToListAsync(ct)).Single();
}
