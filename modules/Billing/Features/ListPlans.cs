using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Data;
using PenguinMails.Shared.Http;

namespace PenguinMails.Billing.Features;

/// <summary>GET /plans: what is on sale, the cheapest first. They are few: always one page.</summary>
internal static class ListPlans
{
    internal sealed record Item(
        Guid Id, string Slug, string Name, string? Description, int? PriceMonthly, int? PriceYearly, int? MaxUsers, int? MaxDomains,
        int? MaxCampaignsPerMonth, int? MaxEmailAccounts, int? MaxEmailsPerMonth, int? MaxWarmups, int? MaxContacts, int? MaxStorageGb,
        int? ApiRateLimit, bool ApiAccess, bool PrioritySupport, bool AdvancedAnalytics, bool WhiteLabel);

    internal sealed class Endpoint(BillingDb db) : EndpointWithoutRequest<Page<Item>>
    {
        public override void Configure()
        {
            Get("/plans");
            AllowAnonymous();
        }

        public override async Task<Page<Item>> ExecuteAsync(CancellationToken ct)
        {
            var plans = await db.Plans
                .Where(plan => plan.IsActive)
                .OrderBy(plan => plan.PriceMonthly).ThenBy(plan => plan.Slug)
                .Select(plan => new Item(
                    plan.Id, plan.Slug, plan.Name, plan.Description, plan.PriceMonthly, plan.PriceYearly, plan.MaxUsers, plan.MaxDomains,
                    plan.MaxCampaignsPerMonth, plan.MaxEmailAccounts, plan.MaxEmailsPerMonth, plan.MaxWarmups, plan.MaxContacts,
                    plan.MaxStorageGb, plan.ApiRateLimit, plan.ApiAccess ?? false, plan.PrioritySupport ?? false,
                    plan.AdvancedAnalytics ?? false, plan.WhiteLabel ?? false))
                .ToListAsync(ct);
            return new Page<Item>(plans, null);
        }
    }
}
