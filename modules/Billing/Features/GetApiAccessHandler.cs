using MediatR;
using PenguinMails.Billing.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

internal sealed class GetApiAccessHandler(BillingDb db) : IRequestHandler<GetApiAccess, ApiAccess>
{
    // Of a tenant whose subscription has not started yet, or has ended: enough to read and to pay.
    private const int WithoutPlan = 60;

    public async Task<ApiAccess> Handle(GetApiAccess request, CancellationToken ct) => await db.CurrentSubscriptionAsync(ct) is { IsInForce: true } current
        ? new ApiAccess(current.Plan.Name, current.Plan.ApiAccess ?? false, current.Plan.ApiRateLimit)
        : new ApiAccess("(none)", false, WithoutPlan);
}
