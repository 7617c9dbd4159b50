using FastEndpoints;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features;

/// <summary>GET /templates: the tenant's templates.</summary>
internal static class ListTemplates
{
    internal sealed record Item(Guid Id, string Name, string Subject, DateTimeOffset? Created);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<PageRequest, Page<Item>>
    {
        public override void Configure()
        {
            Get("/templates");
            Policies(AccessPolicies.Viewer);
        }

        public override Task<Page<Item>> ExecuteAsync(PageRequest request, CancellationToken ct) => db.Templates.ToPageAsync(
            request,
            template => template.Id,
            template => new Item(template.Id, template.Name, template.Subject, template.Created),
            item => item.Id,
            ct);
    }
}
