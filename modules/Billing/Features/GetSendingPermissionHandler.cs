using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Contracts;
using PenguinMails.Billing.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

internal sealed class GetSendingPermissionHandler(BillingDb db, PlanAnswers answers, ISender modules, TimeProvider clock)
    : IRequestHandler<GetSendingPermission, SendingPermission>
{
    public async Task<SendingPermission> Handle(GetSendingPermission request, CancellationToken ct)
    {
        if (!await modules.Send(new IsTenantOpen(), ct))
        {
            return new SendingPermission(false, "The tenant is suspended or deleted.", 0);
        }

        var allowance = await answers.OfAsync(PlanLimit.EmailsPerMonth, ct);
        var used = await UsedAsync(ct);
        return allowance.Refuse(used) is { } refusal
            ? new SendingPermission(false, refusal.Message, 0) { Refusal = refusal }
            : new SendingPermission(true, null, allowance.Allowed - used);
    }

    private async Task<long> UsedAsync(CancellationToken ct)
    {
        var month = UsageCounter.PeriodOf(clock.GetUtcNow());
        return await db.UsageCounters
            .Where(counter => counter.Metric == UsageCounter.Emails && counter.PeriodStart == month)
            .Select(counter => counter.Used)
            .SingleOrDefaultAsync(ct);
    }
}
