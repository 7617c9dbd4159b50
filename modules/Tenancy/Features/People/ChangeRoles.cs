using FastEndpoints;
using FluentValidation;
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

/// <summary>PUT /tenant-users/{userId}/roles: in force at once. Nobody gives or takes a role above the own; the last owner stays one.</summary>
internal static class ChangeRoles
{
    internal sealed record Request(Guid UserId, string[] Roles);

    internal sealed record Response(Guid UserId, string[] Roles);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Roles).NotEmpty();
            RuleForEach(request => request.Roles).OneOf(Membership.AllRoles);
        }
    }

    internal sealed class Endpoint(TenancyDb db, TenantScope scope, Ownership ownership, GivenAccess given, ChangeFeed changes, SecurityActs acts)
        : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Put("/tenant-users/{userId}/roles");
            Policies(AccessPolicies.AdminPerson);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await TenantTransaction.BeginAsync(db, ct);
            await ownership.LockAsync(ct);
            if (await db.Memberships.SingleOrDefaultAsync(row => row.TenantId == scope.TenantId && row.UserId == request.UserId, ct) is not { } membership)
            {
                return Problems.NotFound("User");
            }

            var old = membership.Roles;
            if (!Membership.MayGive(User.Roles(), old.Concat(request.Roles)))
            {
                return await acts.RefuseAsync("Only an owner changes who is an owner.", "tenant_user", request.UserId);
            }

            if (membership.IsOwner && !request.Roles.Contains(Membership.Owner) && !await ownership.HasAnotherAsync(request.UserId, ct))
            {
                return Problems.Conflict("The last owner stays one: make somebody else an owner first.");
            }

            membership.Roles = [.. request.Roles.Distinct()];
            await db.SaveChangesAsync(ct);
            // A key and an invitation carry what their maker could give then.
            var keys = Membership.MayGive(membership.Roles, old) ? [] : await given.RevokeAsync(request.UserId, ct);
            await transaction.CommitAsync(ct);
            await given.TellAsync(keys);
            await changes.TellAsync(request.UserId);
            await acts.PublishAsync(SecurityActKind.RoleChanged, resourceType: "tenant_user", resourceId: request.UserId.ToString(),
                details: new Dictionary<string, string> { ["roles"] = $"{string.Join(',', old)} -> {string.Join(',', membership.Roles)}" });
            return TypedResults.Ok(new Response(request.UserId, membership.Roles));
        }
    }
}
