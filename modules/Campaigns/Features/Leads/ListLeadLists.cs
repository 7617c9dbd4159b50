using FastEndpoints;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>GET /lead-lists: the tenant's lists and how many leads each holds.</summary>
internal static class ListLeadLists
{
    internal sealed record Item(Guid Id, string Name, int Leads, DateTimeOffset Created);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<PageRequest, Page<Item>>
    {
        public override void Configure()
        {
            Get("/lead-lists");
            Policies(AccessPolicies.Viewer);
        }

        public override Task<Page<Item>> ExecuteAsync(PageRequest request, CancellationToken ct) => db.Lists.ToPageAsync(
            request,
            list => list.Id,
            list => new Item(list.Id, list.Name, db.ListMembers.Count(member => member.ListId == list.Id), list.Created),
            item => item.Id,
            ct);
    }
}
