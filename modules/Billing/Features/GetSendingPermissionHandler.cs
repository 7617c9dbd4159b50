using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Contracts;
using PenguinMails.Billing.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

internal sealed class GetSendingPermissionHandler(BillingDb db, ISender modules, TimeProvider clock) : IRequestHandler<GetSendingPermission, SendingPermission>
{
    public async Task<SendingPermission> Handle(GetSendingPermission request, CancellationToken ct)
    {
        if (!await modules.Send(new IsTenantOpen(), ct))
        {
            return No("The tenant is suspended or deleted.");
        }

        var current = await db.CurrentSubscriptionAsync(ct);
        if (current is not { IsInForce: true })
        {
            return No(current is null ? "There is no subscription." : $"The subscription is {SnakeCase.Of(current.Status)}.");
        }

        if (current.Plan.MaxEmailsPerMonth is not { } allowed)
        {
            return new SendingPermission(true, null, null);
        }

        var left = allowed - await UsedAsync(ct);
        return left > 0
            ? new SendingPermission(true, null, left)
            : No($"The plan {current.Plan.Name} allows {allowed} e-mails a month; they are used up.");
    }

    private async Task<long> UsedAsync(CancellationToken ct)
    {
        var month = UsageCounter.PeriodOf(clock.GetUtcNow());
        return await db.UsageCounters
            .Where(counter => counter.Metric == UsageMetrics.Emails && counter.PeriodStart == month)
            .Select(counter => counter.Used)
            .SingleOrDefaultAsync(ct);
    }

    private static SendingPermission No(string reason) => new(false, reason, 0);
}
