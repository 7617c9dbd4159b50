using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>GET /leads/imports: the tenant's imports, those that are under way among them.</summary>
internal static class ListImports
{
    internal sealed class Endpoint(CampaignsDb db, TimeProvider clock) : Endpoint<PageRequest, Page<ImportView>>
    {
        public override void Configure()
        {
            Get("/leads/imports");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Page<ImportView>> ExecuteAsync(PageRequest request, CancellationToken ct)
        {
            var page = await db.Imports.AsNoTracking().ToPageAsync(request, import => import.Id, import => import, import => import.Id, ct);
            return new Page<ImportView>([.. page.Items.Select(import => ImportView.Of(import, clock.GetUtcNow()))], page.NextCursor);
        }
    }
}
