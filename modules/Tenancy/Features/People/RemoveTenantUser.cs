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
/// DELETE /tenant-users/{userId}: takes somebody out of the tenant, or oneself, even where one is not let in yet. Their sessions in it,
/// the keys they made and their open invitations end at once.
/// </summary>
internal static class RemoveTenantUser
{
    internal sealed record Request(Guid UserId);

    internal sealed class Endpoint(
        TenancyDb db, TenantScope scope, Ownership ownership, Sessions sessions, GivenAccess given, SecurityActs acts)
        : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/tenant-users/{userId}");
            Policies(AccessPolicies.Person);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            // Without a role in the tenant one may only go; who is there is then nobody's business.
            if (scope.TenantId is null || (request.UserId != scope.UserId && !User.Roles().Any()))
            {
                return await acts.RefuseAsync("Your role does not allow this.");
            }

            IReadOnlyList<Guid> keys;
            await using (var transaction = await TenantTransaction.BeginAsync(db, ct))
            {
                await ownership.LockAsync(ct);
                if (await RemoveAsync(request.UserId, ct) is { } problem)
                {
                    return problem;
                }

                keys = await given.RevokeAsync(request.UserId, ct);
                await transaction.CommitAsync(ct);
            }

            // Done: whoever hangs up now must not leave a session or key open.
            await sessions.EndInTenantAsync(request.UserId, CancellationToken.None);
            await given.TellAsync(keys);
            await acts.PublishAsync(SecurityActKind.RoleChanged, resourceType: "tenant_user", resourceId: request.UserId.ToString(),
                details: new Dictionary<string, string> { ["roles"] = "removed" });
            return TypedResults.NoContent();
        }

        private async Task<ProblemHttpResult?> RemoveAsync(Guid userId, CancellationToken ct)
        {
            if (await db.Memberships.SingleOrDefaultAsync(row => row.TenantId == scope.TenantId && row.UserId == userId, ct) is not { } membership)
            {
                return Problems.NotFound("User");
            }

            // Anybody may go; sending others away is for administrators.
            var mayRemove = userId == scope.UserId
                || (Membership.MayGive(User.Roles(), [Membership.Admin]) && Membership.MayGive(User.Roles(), membership.Roles));
            if (!mayRemove)
            {
                return await acts.RefuseAsync("Your role does not allow this.", "tenant_user", userId);
            }

            if (membership.IsOwner && !await ownership.HasAnotherAsync(userId, ct))
            {
                return Problems.Conflict("The last owner stays: make somebody else an owner first.");
            }

            db.Memberships.Remove(membership);
            await db.SaveChangesAsync(ct);
            return null;
        }
    }
}
