using MediatR;
using PenguinMails.Billing.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

internal sealed class GetApiAccessHandler(BillingDb db) : IRequestHandler<GetApiAccess, ApiAccess>
{
    // Of a tenant whose subscription has not started yet, or has ended: enough to read and to pay.
    private const int WithoutPlan = 60;

    // Programs too read on what there is, and are told why they cannot write.
    public async Task<ApiAccess> Handle(GetApiAccess request, CancellationToken ct) => await db.CurrentSubscriptionAsync(ct) is { } current
        ? new ApiAccess(current.Plan.Name, current.Plan.ApiAccess ?? false, current.IsInForce ? current.Plan.ApiRateLimit : WithoutPlan)
        : new ApiAccess("(none)", false, WithoutPlan);
}
