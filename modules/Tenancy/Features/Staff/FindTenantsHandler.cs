using System.Linq.Expressions;
using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Staff;

internal sealed class FindTenantsHandler(PlatformDb<TenancyDb> platform)
    : IRequestHandler<FindTenants, Page<TenantDetails>>, IRequestHandler<GetTenantDetails, TenantDetails?>
{
    public async Task<Page<TenantDetails>> Handle(FindTenants request, CancellationToken ct)
    {
        await using var db = platform.Open("staff.tenants");
        return await Matching(db, request.Search?.Trim())
            .ToPageAsync(request.Page, tenant => tenant.Id, DetailsIn(db), tenant => tenant.Id, ct);
    }

    public async Task<TenantDetails?> Handle(GetTenantDetails request, CancellationToken ct)
    {
        await using var db = platform.Open("staff.tenants");
        return await db.Tenants.Where(tenant => tenant.Id == request.TenantId).Select(DetailsIn(db)).SingleOrDefaultAsync(ct);
    }

    private static IQueryable<Tenant> Matching(TenancyDb db, string? search)
    {
        if (string.IsNullOrEmpty(search))
        {
            return db.Tenants;
        }

        if (Guid.TryParse(search, out var id))
        {
            return db.Tenants.Where(tenant => tenant.Id == id);
        }

        var text = search.ToLowerInvariant();
        return text.Contains('@')
            ? db.Tenants.Where(tenant => db.Memberships.Any(row =>
                row.TenantId == tenant.Id && row.Deleted == null && row.Email.ToLower() == text && row.Roles.Contains(Membership.Owner)))
            : db.Tenants.Where(tenant => tenant.Name.ToLower().StartsWith(text));
    }

    private static Expression<Func<Tenant, TenantDetails>> DetailsIn(TenancyDb db) => tenant => new TenantDetails(
        tenant.Id, tenant.Name, tenant.Created, tenant.Suspended, tenant.SuspensionReason, tenant.Deleted, tenant.DeleteAfter,
        db.Memberships.Count(row => row.TenantId == tenant.Id && row.Deleted == null));
}
