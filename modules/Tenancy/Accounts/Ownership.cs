using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Accounts;

/// <summary>A tenant always keeps an owner.</summary>
internal sealed class Ownership(TenancyDb db, TenantScope scope)
{
    /// <summary>
    /// Holds the current tenant's people still until the transaction ends, so that two owners cannot step down at once.
    /// </summary>
    public Task LockAsync(CancellationToken ct)
    {
        var tenantId = scope.RequiredTenantId;
        return db.Database.ExecuteSqlAsync($"SELECT 1 FROM tenants WHERE id = {tenantId} FOR UPDATE", ct);
    }

    /// <summary>Whether the current tenant has an owner besides this person.</summary>
    public Task<bool> HasAnotherAsync(Guid userId, CancellationToken ct)
    {
        var tenantId = scope.RequiredTenantId;
        return db.Memberships.AnyAsync(
            row => row.TenantId == tenantId && row.UserId != userId && row.Deleted == null && row.Roles.Contains(Membership.Owner), ct);
    }

    /// <summary>The name of a tenant that would have no owner without this person; null when there is none. Changes the scope.</summary>
    public async Task<string?> OnlyOwnerOfAsync(Guid userId, CancellationToken ct)
    {
        scope.Enter(null, userId);
        var owned = await db.Memberships
            .Where(row => row.UserId == userId && row.Roles.Contains(Membership.Owner))
            .Join(db.Tenants.Where(tenant => tenant.Deleted == null), row => row.TenantId, tenant => tenant.Id, (_, tenant) => new { tenant.Id, tenant.Name })
            .ToListAsync(ct);
        foreach (var tenant in owned)
        {
            scope.Enter(tenant.Id, userId);
            if (!await HasAnotherAsync(userId, ct))
            {
                return tenant.Name;
            }
        }

        return null;
    }
}
