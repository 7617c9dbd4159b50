using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;

namespace PenguinMails.Billing.Features.Plans;

/// <summary>GET /staff/plans: all of them, former versions and those that are not on sale too. They are few: always one page.</summary>
internal static class ListAllPlans
{
    internal sealed class Endpoint(PlatformDb<BillingDb> platform) : EndpointWithoutRequest<Page<PlanResponse>>
    {
        public override void Configure()
        {
            Get("/staff/plans");
            Policies(Staff.Contracts.Permissions.PlansManage);
        }

        public override async Task<Page<PlanResponse>> ExecuteAsync(CancellationToken ct)
        {
            await using var db = platform.Open("staff.plans");
            var plans = await db.Plans.AsNoTracking().OrderBy(plan => plan.Slug).ToListAsync(ct);
            return new Page<PlanResponse>([.. plans.Select(PlanResponse.Of)], null);
        }
    }
}
