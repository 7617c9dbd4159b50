using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features;

/// <summary>POST /auth/log-in: a bearer token for one of the person's tenants.</summary>
internal static class LogIn
{
    /// <param name="TenantId">Which of several tenants; the oldest where absent.</param>
    internal sealed record Request(string Email, string Password, Guid? TenantId);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Email).NotEmpty().MaximumLength(254);
            RuleFor(request => request.Password).NotEmpty().MaximumLength(128);
        }
    }

    internal sealed class Endpoint(
        TenancyDb db, TenantScope scope, AccessTokens tokens, IPasswordHasher<UserCredential> hasher, IPublisher modules, TimeProvider clock)
        : Endpoint<Request, Results<Ok<AccessGrant>, ProblemHttpResult>>
    {
        // Verified when there is no account, so that the answer takes as long.
        private static readonly string NobodysHash = new PasswordHasher<UserCredential>().HashPassword(null!, "nobody");

        public override void Configure()
        {
            Post("/auth/log-in");
            AllowAnonymous();
        }

        public override async Task<Results<Ok<AccessGrant>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await FindUserAsync(request.Email, ct) is not { } userId)
            {
                hasher.VerifyHashedPassword(null!, NobodysHash, request.Password);
                return await RefuseAsync(null, "unknown address", ct);
            }

            // Before the tenant is known: a person sees the own rows only.
            scope.Enter(null, userId);
            var credential = await db.Credentials.SingleAsync(ct);
            if (credential.LockedUntil > clock.GetUtcNow())
            {
                return await RefuseAsync(userId, "locked", ct);
            }

            if (await FindMembershipAsync(userId, request.TenantId, ct) is not { } membership)
            {
                return await RefuseAsync(userId, "no such tenant", ct);
            }

            scope.Enter(membership.TenantId, userId);
            var policies = await db.Policies.SingleAsync(ct);
            if (hasher.VerifyHashedPassword(credential, credential.PasswordHash, request.Password) == PasswordVerificationResult.Failed)
            {
                await CountFailureAsync(policies.MaxLoginAttempts, ct);
                return await RefuseAsync(userId, "wrong password", ct);
            }

            credential.Succeed();
            var grant = tokens.Grant(membership, TimeSpan.FromHours(policies.SessionTimeoutHours));
            await db.SaveChangesAsync(ct);
            await PublishAsync(userId, membership.TenantId, null, ct);
            return TypedResults.Ok(grant);
        }

        // One statement, so that guesses made at once count each; at the allowed number the account is locked for a while.
        private Task CountFailureAsync(int allowed, CancellationToken ct)
        {
            var until = clock.GetUtcNow() + UserCredential.LockTime;
            return db.Credentials.ExecuteUpdateAsync(row => row
                .SetProperty(credential => credential.LockedUntil,
                    credential => credential.FailedAttempts + 1 >= allowed ? until : credential.LockedUntil)
                .SetProperty(credential => credential.FailedAttempts,
                    credential => credential.FailedAttempts + 1 >= allowed ? 0 : credential.FailedAttempts + 1), ct);
        }

        private async Task<Guid?> FindUserAsync(string email, CancellationToken ct) => await db.Database
            .SqlQuery<Guid?>($"SELECT user_id AS \"Value\" FROM find_login({email})").SingleOrDefaultAsync(ct);

        private Task<Membership?> FindMembershipAsync(Guid userId, Guid? tenantId, CancellationToken ct) => db.Memberships
            .Where(membership => membership.UserId == userId && membership.Deleted == null)
            .Where(membership => tenantId == null || membership.TenantId == tenantId)
            .OrderBy(membership => membership.TenantId)
            .FirstOrDefaultAsync(ct);

        // One answer for every reason: it must not tell who has an account.
        private async Task<ProblemHttpResult> RefuseAsync(Guid? userId, string reason, CancellationToken ct)
        {
            await PublishAsync(userId, null, reason, ct);
            return TypedResults.Problem(title: "The e-mail address or the password is wrong, or the account is locked for a while.",
                statusCode: StatusCodes.Status401Unauthorized);
        }

        private Task PublishAsync(Guid? userId, Guid? tenantId, string? failure, CancellationToken ct) => modules.Publish(
            new LoginAttempted(userId, tenantId, HttpContext.Connection.RemoteIpAddress, HttpContext.Request.Headers.UserAgent, failure), ct);
    }
}
