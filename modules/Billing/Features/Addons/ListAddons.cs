using FastEndpoints;
using PenguinMails.Billing.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features.Addons;

/// <summary>GET /subscription/addons: what the subscription has beside its plan. They are few: always one page.</summary>
internal static class ListAddons
{
    internal sealed class Endpoint(BillingDb db) : EndpointWithoutRequest<Page<AddonResponse>>
    {
        public override void Configure()
        {
            Get("/subscription/addons");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Page<AddonResponse>> ExecuteAsync(CancellationToken ct) => new(
            [.. (await db.CurrentSubscriptionAsync(ct))?.Addons.Where(addon => addon.IsActive).OrderBy(addon => addon.AddonType).Select(AddonResponse.Of) ?? []], null);
    }
}
