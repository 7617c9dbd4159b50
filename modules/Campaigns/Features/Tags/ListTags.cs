using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Tags;

/// <summary>GET /tags: all of the tenant's own tags and the default ones by value, on one page.</summary>
internal static class ListTags
{
    internal sealed class Endpoint(CampaignsDb db) : EndpointWithoutRequest<Page<TagResponse>>
    {
        public override void Configure()
        {
            Get("/tags");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Page<TagResponse>> ExecuteAsync(CancellationToken ct) =>
            new(await db.Tags.OrderBy(tag => tag.Value.ToLower()).Select(TagResponse.Of).ToListAsync(ct), null);
    }
}
