using MediatR;
using PenguinMails.Billing.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

internal sealed class RequireAllowanceHandler(BillingDb db) : IRequestHandler<RequireAllowance, AllowanceRefusal?>
{
    public async Task<AllowanceRefusal?> Handle(RequireAllowance request, CancellationToken ct)
    {
        // Without a subscription in force a tenant is read-only: it keeps what it has, and nothing more is allowed.
        var current = await db.CurrentSubscriptionAsync(ct);
        if (current is not { IsInForce: true })
        {
            var plan = current is null ? "(none)" : $"{current.Plan.Name} ({SnakeCase.Of(current.Status)})";
            return new AllowanceRefusal(request.Limit, 0, plan);
        }

        return current.Plan.LimitOf(request.Limit) is { } allowed && request.Total > allowed
            ? new AllowanceRefusal(request.Limit, allowed, current.Plan.Name)
            : null;
    }
}
