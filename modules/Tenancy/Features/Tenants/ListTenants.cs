using FastEndpoints;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Tenants;

/// <summary>GET /tenants: where the person belongs, to switch between.</summary>
internal static class ListTenants
{
    /// <param name="Roles">Empty while an administrator has yet to approve.</param>
    internal sealed record Item(Guid Id, string Name, string[] Roles, bool IsCurrent, DateTimeOffset? Suspended);

    internal sealed class Endpoint(TenancyDb db, TenantScope scope) : Endpoint<PageRequest, Page<Item>>
    {
        public override void Configure()
        {
            Get("/tenants");
            Policies(AccessPolicies.Person);
        }

        public override Task<Page<Item>> ExecuteAsync(PageRequest request, CancellationToken ct) => db.Memberships
            .Where(row => row.UserId == scope.UserId && row.Deleted == null)
            .Join(db.Tenants.Where(tenant => tenant.Deleted == null), row => row.TenantId, tenant => tenant.Id, (row, tenant) => new { row.Roles, Tenant = tenant })
            .ToPageAsync(
                request,
                pair => pair.Tenant.Id,
                pair => new Item(pair.Tenant.Id, pair.Tenant.Name, pair.Roles, pair.Tenant.Id == scope.TenantId, pair.Tenant.Suspended),
                item => item.Id,
                ct);
    }
}
