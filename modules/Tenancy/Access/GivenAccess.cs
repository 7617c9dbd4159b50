using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Access;

/// <summary>What somebody gave to programs and people in the current tenant: it goes when they go, or may no longer give it.</summary>
internal sealed class GivenAccess(TenancyDb db, ChangeFeed changes, SecurityActs acts, TimeProvider clock)
{
    /// <summary>Revokes their keys and open invitations, within the caller's transaction.</summary>
    /// <returns>The keys, for <see cref="TellAsync"/> after the commit.</returns>
    public async Task<IReadOnlyList<Guid>> RevokeAsync(Guid userId, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var keys = db.ApiKeys.Where(key => key.CreatedBy == userId && key.Revoked == null);
        var ids = await keys.Select(key => key.Id).ToListAsync(ct);
        await keys.ExecuteUpdateAsync(row => row.SetProperty(key => key.Revoked, now), ct);
        await db.Invitations.Where(row => row.InvitedBy == userId && row.Accepted == null && row.Revoked == null)
            .ExecuteUpdateAsync(row => row.SetProperty(invitation => invitation.Revoked, now), ct);
        return ids;
    }

    /// <summary>Says of each key that it opens nothing any more.</summary>
    public async Task TellAsync(IEnumerable<Guid> keys)
    {
        foreach (var key in keys)
        {
            await changes.TellAsync(key);
            await acts.PublishAsync(SecurityActKind.ApiKeyRevoked, resourceType: "api_key", resourceId: key.ToString());
        }
    }
}
