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
/// DELETE /invitations/{id}: takes an open invitation back, by who made it or an administrator; or turns down somebody who waits for
/// approval.
/// </summary>
internal static class RevokeInvitation
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(TenancyDb db, TenantScope scope, Ownership ownership, Sessions sessions, SecurityActs acts, TimeProvider clock)
        : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/invitations/{id}");
            Policies(AccessPolicies.MemberPerson);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await TenantTransaction.BeginAsync(db, ct);
            // It may be accepted or approved at this moment.
            await ownership.LockAsync(ct);
            if (await db.Invitations.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } invitation)
            {
                return Problems.NotFound("Invitation");
            }

            if (invitation.InvitedBy != scope.UserId && !Membership.MayGive(User.Roles(), [Membership.Admin]))
            {
                return await acts.RefuseAsync("This is another's invitation.", "invitation", invitation.Id);
            }

            if (invitation.Accepted is not null && invitation.IsApproved)
            {
                return Problems.Conflict("It was accepted: remove the user instead.");
            }

            invitation.Revoke(clock.GetUtcNow());
            await db.Memberships.Where(row => row.TenantId == scope.TenantId && row.UserId == invitation.AcceptedBy && row.Roles.Length == 0)
                .ExecuteDeleteAsync(ct);
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            await transaction.DisposeAsync();
            if (invitation.AcceptedBy is { } turnedDown)
            {
                await sessions.EndInTenantAsync(turnedDown, CancellationToken.None);
                await acts.PublishAsync(SecurityActKind.RoleChanged, resourceType: "tenant_user", resourceId: turnedDown.ToString(),
                    details: new Dictionary<string, string> { ["roles"] = "turned down" });
            }

            return TypedResults.NoContent();
        }
    }
}
