using FastEndpoints;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features;

/// <summary>GET /companies: the tenant's workspaces.</summary>
internal static class ListCompanies
{
    internal sealed record Item(Guid Id, string Name, string WorkspaceName, string Status, string? PostalAddress, DateTimeOffset Created);

    internal sealed class Endpoint(TenancyDb db) : Endpoint<PageRequest, Page<Item>>
    {
        public override void Configure()
        {
            Get("/companies");
            Policies(AccessPolicies.Viewer);
        }

        public override Task<Page<Item>> ExecuteAsync(PageRequest request, CancellationToken ct) => db.Companies.ToPageAsync(
            request,
            company => company.Id,
            company => new Item(
                company.Id, company.Name, company.WorkspaceName, company.Status, company.PostalAddress, company.Created),
            item => item.Id,
            ct);
    }
}
