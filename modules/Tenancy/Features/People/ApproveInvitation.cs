using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.People;

/// <summary>POST /invitations/{id}/approve: an administrator agrees to whom a member invited; who has accepted gets in at once.</summary>
internal static class ApproveInvitation
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(TenancyDb db, TenantScope scope, Ownership ownership, ChangeFeed changes, SecurityActs acts, TimeProvider clock)
        : Endpoint<Request, Results<Ok<ListInvitations.Item>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/invitations/{id}/approve");
            Policies(AccessPolicies.AdminPerson);
        }

        public override async Task<Results<Ok<ListInvitations.Item>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await TenantTransaction.BeginAsync(db, ct);
            // It may be accepted or revoked at this moment.
            await ownership.LockAsync(ct);
            if (await db.Invitations.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } invitation)
            {
                return Problems.NotFound("Invitation");
            }

            if (invitation.Revoked is not null || invitation.IsApproved)
            {
                return Problems.Conflict("There is nothing to approve.");
            }

            invitation.Approve(scope.UserId!.Value, clock.GetUtcNow());
            var membership = await db.Memberships.SingleOrDefaultAsync(
                row => row.TenantId == scope.TenantId && row.UserId == invitation.AcceptedBy && row.Roles.Length == 0, ct);
            if (membership is not null)
            {
                membership.Roles = invitation.Roles;
            }

            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            if (membership is not null)
            {
                await changes.TellAsync(membership.UserId);
                await acts.PublishAsync(SecurityActKind.RoleChanged, resourceType: "tenant_user", resourceId: membership.UserId.ToString(),
                    details: new Dictionary<string, string> { ["roles"] = string.Join(',', membership.Roles), ["by"] = "approval" });
            }

            return TypedResults.Ok(ListInvitations.Item.Of(invitation, clock.GetUtcNow()));
        }
    }
}
