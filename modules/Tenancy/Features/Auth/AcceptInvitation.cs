using FastEndpoints;
using FluentValidation;
using MediatR;
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

namespace PenguinMails.Tenancy.Features.Auth;

/// <summary>
/// POST /auth/accept-invitation: joins a tenant by the token of a mailed link, which proves the address. Somebody without an account
/// gives a name and a password for one.
/// </summary>
internal static class AcceptInvitation
{
    internal sealed record Request(string Token, string? Name, string? Password);

    /// <param name="AwaitsApproval">Whether an administrator has to approve before the tenant can be entered.</param>
    internal sealed record Response(Guid TenantId, Guid UserId, string Email, bool AwaitsApproval);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Token).NotEmpty().MaximumLength(100);
            RuleFor(request => request.Name).MaximumLength(200);
            RuleFor(request => request.Password).MinimumLength(8).MaximumLength(128);
        }
    }

    internal sealed class Endpoint(
        TenancyDb db, TenantScope scope, AccountManager accounts, Ownership ownership, Sessions sessions, SecurityActs acts, ISender modules, TimeProvider clock)
        : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/auth/accept-invitation");
            AllowAnonymous();
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var hash = OneTimeTokens.HashOf(request.Token);
            var found = await db.Invitations.FromSql($"SELECT * FROM find_invitation({hash})").AsNoTracking().SingleOrDefaultAsync(ct);
            if (found is null || !found.IsOpen(clock.GetUtcNow()))
            {
                return Answers.DeadToken();
            }

            var known = await accounts.FindAsync(found.Email, ct);
            var isProven = known is { } id && await IsVerifiedAsync(id, ct);
            var userId = known ?? Guid.CreateVersion7();
            scope.Enter(found.TenantId, userId);
            if (!isProven && await ChooseCredentialAsync(request, found.Email, userId, known is null, ct) is { } problem)
            {
                return problem;
            }

            if (await JoinAsync(found.Id, userId, ct) is { } refusal)
            {
                return refusal;
            }

            if (known is not null && !isProven)
            {
                await sessions.EndAllAsync(null, CancellationToken.None);
            }

            await acts.PublishAsync(SecurityActKind.RoleChanged, resourceType: "tenant_user", resourceId: userId.ToString(),
                details: new Dictionary<string, string> { ["roles"] = string.Join(',', RolesOf(found)), ["by"] = "invitation" });
            return TypedResults.Ok(new Response(found.TenantId, userId, found.Email, !found.IsApproved));
        }

        private static string[] RolesOf(Invitation invitation) => invitation.IsApproved ? invitation.Roles : [];

        private async Task<bool> IsVerifiedAsync(Guid userId, CancellationToken ct)
        {
            scope.Enter(null, userId);
            return await db.Users.AnyAsync(user => user.Id == userId && user.EmailVerified != null, ct);
        }

        // An account that nobody proved may be a stranger's: who holds the link makes it theirs, password and all.
        private async Task<ProblemHttpResult?> ChooseCredentialAsync(Request request, string email, Guid userId, bool isNew, CancellationToken ct)
        {
            var missing = new Dictionary<string, string[]>();
            if (string.IsNullOrWhiteSpace(request.Name))
            {
                missing["name"] = ["'name' is needed for a new account."];
            }

            if (request.Password is null)
            {
                missing["password"] = ["'password' is needed for a new account."];
            }

            if (missing.Count > 0)
            {
                return Problems.Unprocessable(missing);
            }

            var policies = await db.Policies.AsNoTracking().SingleAsync(ct);
            accounts.Take(policies.PasswordMinLength, policies.PasswordRequireUppercase, policies.PasswordRequireNumbers, policies.PasswordRequireSymbols);
            if (await accounts.FaultsOfAsync(null, request.Password!) is { Count: > 0 } faults)
            {
                return Answers.BadPassword(faults);
            }

            await KeepAsync(request, email, userId, isNew, ct);
            return null;
        }

        private async Task KeepAsync(Request request, string email, Guid userId, bool isNew, CancellationToken ct)
        {
            var hash = accounts.PasswordHasher.HashPassword(null!, request.Password!);
            if (isNew)
            {
                db.Users.Add(new User { Id = userId, Name = request.Name, Email = email, EmailVerified = clock.GetUtcNow() });
                db.Credentials.Add(new UserCredential { UserId = userId, Email = email, PasswordHash = hash });
                db.Preferences.Add(new UserPreferences { Id = Guid.CreateVersion7(), UserId = userId });
                return;
            }

            var user = await db.Users.SingleAsync(row => row.Id == userId, ct);
            (user.Name, user.EmailVerified) = (request.Name, clock.GetUtcNow());
            (await db.Credentials.SingleAsync(row => row.UserId == userId, ct)).PasswordHash = hash;
        }

        private async Task<ProblemHttpResult?> JoinAsync(Guid invitationId, Guid userId, CancellationToken ct)
        {
            var tenantId = scope.RequiredTenantId;
            var allowance = await modules.Send(new RequireAllowance(PlanLimit.Users), ct);
            await using var transaction = await TenantTransaction.BeginAsync(db, ct);
            // It may be revoked or approved at this moment, and others may be joining.
            await ownership.LockAsync(ct);
            var invitation = await db.Invitations.SingleAsync(row => row.Id == invitationId, ct);
            if (!invitation.IsOpen(clock.GetUtcNow()))
            {
                return Answers.DeadToken();
            }

            if (await db.Memberships.AnyAsync(membership => membership.TenantId == tenantId && membership.UserId == userId, ct))
            {
                return Problems.Conflict("You are in this tenant already.");
            }

            // The invitation has kept a place, unless the plan has become smaller.
            if (allowance.Refuse(await db.Memberships.LongCountAsync(row => row.TenantId == tenantId, ct)) is { } refusal)
            {
                return refusal.ToProblem("token");
            }

            invitation.Accept(userId, clock.GetUtcNow());
            db.Memberships.Add(new Membership { TenantId = tenantId, UserId = userId, Roles = RolesOf(invitation), Email = invitation.Email });
            if (invitation.CompanyId is { } companyId)
            {
                db.CompanyMembers.Add(new CompanyMember { TenantId = tenantId, CompanyId = companyId, UserId = userId, Role = Membership.Member });
            }

            if (await db.SaveUniqueAsync(ct) is not null)
            {
                // Somebody signed up with the address meanwhile.
                return Answers.DeadToken();
            }

            await transaction.CommitAsync(ct);
            return null;
        }
    }
}
