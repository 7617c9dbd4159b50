using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Access;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.People;

/// <summary>
/// DELETE /tenant-users/{userId}: takes somebody out of the tenant, or oneself. Their sessions in it and the keys they made end at once.
/// </summary>
internal static class RemoveTenantUser
{
    internal sealed record Request(Guid UserId);

    internal sealed class Endpoint(
        TenancyDb db, TenantScope scope, Ownership ownership, Sessions sessions, AccessChanges changes, SecurityActs acts, TimeProvider clock)
        : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/tenant-users/{userId}");
            Policies(AccessPolicies.TenantPerson);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await TenantTransaction.BeginAsync(db, ct);
            await ownership.LockAsync(ct);
            if (await db.Memberships.SingleOrDefaultAsync(row => row.TenantId == scope.TenantId && row.UserId == request.UserId, ct) is not { } membership)
            {
                return Problems.NotFound("User");
            }

            // Anybody may go; sending others away is for administrators.
            var mayRemove = request.UserId == scope.UserId
                || (Membership.MayGive(User.Roles(), [Membership.Admin]) && Membership.MayGive(User.Roles(), membership.Roles));
            if (!mayRemove)
            {
                return TypedResults.Problem(title: "Your role does not allow this.", statusCode: StatusCodes.Status403Forbidden);
            }

            if (membership.IsOwner && !await ownership.HasAnotherAsync(request.UserId, ct))
            {
                return Problems.Conflict("The last owner stays: make somebody else an owner first.");
            }

            db.Memberships.Remove(membership);
            await db.SaveChangesAsync(ct);
            var keys = await RevokeKeysAsync(request.UserId, ct);
            await transaction.CommitAsync(ct);
            await TellAsync(request.UserId, keys, ct);
            return TypedResults.NoContent();
        }

        private async Task<List<Guid>> RevokeKeysAsync(Guid userId, CancellationToken ct)
        {
            var now = clock.GetUtcNow();
            var keys = db.ApiKeys.Where(key => key.CreatedBy == userId && key.Revoked == null);
            var ids = await keys.Select(key => key.Id).ToListAsync(ct);
            await keys.ExecuteUpdateAsync(row => row.SetProperty(key => key.Revoked, now), ct);
            return ids;
        }

        private async Task TellAsync(Guid userId, IEnumerable<Guid> keys, CancellationToken ct)
        {
            await sessions.EndInTenantAsync(userId, ct);
            foreach (var key in keys)
            {
                await changes.TellAsync(key);
                await acts.PublishAsync(SecurityActKind.ApiKeyRevoked, resourceType: "api_key", resourceId: key.ToString());
            }

            await acts.PublishAsync(SecurityActKind.RoleChanged, resourceType: "tenant_user", resourceId: userId.ToString(),
                details: new Dictionary<string, string> { ["roles"] = "removed" });
        }
    }
}
