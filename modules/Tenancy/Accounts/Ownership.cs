using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Accounts;

/// <summary>A tenant always keeps an owner.</summary>
internal sealed class Ownership(TenancyDb db, TenantScope scope)
{
    /// <summary>
    /// Holds the current tenant's people and companies still until the transaction ends, so that two owners cannot step down at once.
    /// What only refers to the tenant, such as a security event, is not held up.
    /// </summary>
    public Task LockAsync(CancellationToken ct)
    {
        var tenantId = scope.RequiredTenantId;
        return db.Database.ExecuteSqlAsync($"SELECT 1 FROM tenants WHERE id = {tenantId} FOR NO KEY UPDATE", ct);
    }

    /// <summary>Whether the current tenant has an owner besides this person who is not about to delete the account.</summary>
    public async Task<bool> HasAnotherAsync(Guid userId, CancellationToken ct)
    {
        var tenantId = scope.RequiredTenantId;
        return (await db.Database.SqlQuery<bool>($"SELECT has_other_owner({tenantId}, {userId}) AS \"Value\"").ToListAsync(ct)).Single();
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
