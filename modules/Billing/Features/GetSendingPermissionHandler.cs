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
        (PlanLimit Limit, long? Used) emails = (PlanLimit.EmailsPerMonth, await db.EmailsSentAsync(UsageMonth.Of(clock.GetUtcNow()), ct));
        foreach (var (limit, used) in new[] { emails, (PlanLimit.Storage, request.StoredBytes) })
        {
            // Each batch asks: which plans would allow more is looked up only for a no.
            if (used >= answers.AllowedBy(current, limit))
            {
                var refusal = (await answers.OfAsync(current, limit, ct)).Refuse(used.Value)!;
                return new SendingPermission(false, refusal.Message, 0) { Refusal = refusal };
            }
        }

        return new SendingPermission(true, null, answers.AllowedBy(current, emails.Limit) - emails.Used);
    }
}
