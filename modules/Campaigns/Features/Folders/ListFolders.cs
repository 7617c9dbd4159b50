using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Folders;

/// <summary>GET /folders: all of the tenant's folders by name, on one page.</summary>
internal static class ListFolders
{
    internal sealed class Endpoint(CampaignsDb db) : EndpointWithoutRequest<Page<FolderResponse>>
    {
        public override void Configure()
        {
            Get("/folders");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Page<FolderResponse>> ExecuteAsync(CancellationToken ct) =>
            new(await db.Folders.OrderBy(folder => folder.Name.ToLower()).Select(FolderResponse.Of(db)).ToListAsync(ct), null);
    }
}
