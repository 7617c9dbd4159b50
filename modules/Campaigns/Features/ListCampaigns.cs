using FastEndpoints;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features;

/// <summary>GET /campaigns: the tenant's campaigns.</summary>
internal static class ListCampaigns
{
    internal sealed record Item(Guid Id, Guid CompanyId, string Name, CampaignStatus Status, DateTimeOffset? Started, DateTimeOffset? Completed);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<PageRequest, Page<Item>>
    {
        public override void Configure()
        {
            Get("/campaigns");
            Policies(AccessPolicies.Viewer);
        }

        public override Task<Page<Item>> ExecuteAsync(PageRequest request, CancellationToken ct) => db.Campaigns.ToPageAsync(
            request,
            campaign => campaign.Id,
            campaign => new Item(campaign.Id, campaign.CompanyId, campaign.Name, campaign.Status, campaign.Started, campaign.Completed),
            item => item.Id,
            ct);
    }
}
