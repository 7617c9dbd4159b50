using MediatR;
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

        var current = await db.CurrentSubscriptionAsync(ct);
        var used = await db.EmailsSentAsync(UsageMonth.Of(clock.GetUtcNow()), ct);
        var allowed = answers.AllowedBy(current, PlanLimit.EmailsPerMonth);
        if (allowed is null || used < allowed)
        {
            return new SendingPermission(true, null, allowed - used);
        }

        // Each batch asks: which plans would allow more is looked up only for a no.
        var refusal = (await answers.OfAsync(current, PlanLimit.EmailsPerMonth, ct)).Refuse(used)!;
        return new SendingPermission(false, refusal.Message, 0) { Refusal = refusal };
    }
}
