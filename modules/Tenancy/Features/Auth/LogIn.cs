using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Tenancy.Access;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Auth;

/// <summary>POST /auth/log-in: a session in one of the person's tenants.</summary>
internal static class LogIn
{
    /// <param name="TwoFactorCode">Of the authenticator, where the account has one.</param>
    /// <param name="RecoveryCode">Instead of it; each works once.</param>
    /// <param name="TenantId">Which of several tenants; the oldest where absent.</param>
    internal sealed record Request(string Email, string Password, string? TwoFactorCode, string? RecoveryCode, Guid? TenantId);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Email).NotEmpty().MaximumLength(254);
            RuleFor(request => request.Password).NotEmpty().MaximumLength(128);
            RuleFor(request => request.TwoFactorCode).MaximumLength(20);
            RuleFor(request => request.RecoveryCode).MaximumLength(40);
        }
    }

    internal sealed class Endpoint(TenancyDb db, AccountManager accounts, Sessions sessions, SecurityActs acts)
        : Endpoint<Request, Results<Ok<AccessGrant>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/auth/log-in");
            AllowAnonymous();
        }

        public override async Task<Results<Ok<AccessGrant>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await accounts.FindAsync(request.Email, ct) is not { } userId)
            {
                accounts.CheckNobodysPassword(request.Password);
                return await RefuseAsync("unknown address");
            }

            var credential = await accounts.EnterAsync(userId, ct);
            if (await accounts.IsLockedOutAsync(credential))
            {
                accounts.CheckNobodysPassword(request.Password);
                return await RefuseAsync("locked");
            }

            if (!await accounts.CheckPasswordAsync(credential, request.Password))
            {
                return await FailAsync(credential, "wrong password");
            }

            // Guesses made at the same time may have locked it meanwhile.
            if (await accounts.IsLockedNowAsync(credential, ct))
            {
                return await RefuseAsync("locked");
            }

            if (credential.TwoFactorEnabled && await CheckSecondFactorAsync(credential, request, ct) is { } problem)
            {
                return problem;
            }

            return await EnterAsync(userId, credential, request.TenantId, ct);
        }

        private async Task<ProblemHttpResult?> CheckSecondFactorAsync(UserCredential credential, Request request, CancellationToken ct)
        {
            if (request.TwoFactorCode is null && request.RecoveryCode is null)
            {
                return TypedResults.Problem(
                    title: "The account has two factors: send the authenticator's code as twoFactorCode, or a recoveryCode.",
                    statusCode: StatusCodes.Status401Unauthorized,
                    extensions: new Dictionary<string, object?> { ["twoFactorRequired"] = true });
            }

            var isRight = request.TwoFactorCode is { } code
                ? await accounts.UseCodeAsync(credential, code, ct)
                : (await accounts.RedeemTwoFactorRecoveryCodeAsync(credential, request.RecoveryCode!)).Succeeded;
            return isRight ? null : await FailAsync(credential, "wrong second factor");
        }

        private async Task<Results<Ok<AccessGrant>, ProblemHttpResult>> EnterAsync(
            Guid userId, UserCredential credential, Guid? wanted, CancellationToken ct)
        {
            await accounts.ResetAccessFailedCountAsync(credential);
            var tenantId = await db.Memberships
                .Where(membership => membership.UserId == userId && membership.Deleted == null && (wanted == null || membership.TenantId == wanted))
                .Where(membership => db.Tenants.Any(tenant => tenant.Id == membership.TenantId && tenant.Deleted == null))
                .OrderBy(membership => membership.TenantId)
                .Select(membership => (Guid?)membership.TenantId)
                .FirstOrDefaultAsync(ct);
            if (wanted is not null && tenantId is null)
            {
                return await RefuseAsync("no such tenant");
            }

            if (!await accounts.IsVerifiedForAsync(userId, tenantId, ct))
            {
                return await RefuseAsync("address not verified");
            }

            if (await sessions.OpenAsync(tenantId, credential.PasswordHash, ct) is not { } grant)
            {
                return await RefuseAsync("password changed meanwhile");
            }

            await acts.PublishAsync(SecurityActKind.LoginSucceeded);
            return TypedResults.Ok(grant);
        }

        private async Task<ProblemHttpResult> FailAsync(UserCredential credential, string reason)
        {
            await accounts.FailAsync(credential, reason);
            return Answers.NotLoggedIn();
        }

        private async Task<ProblemHttpResult> RefuseAsync(string reason)
        {
            await acts.PublishAsync(SecurityActKind.LoginFailed, reason);
            return Answers.NotLoggedIn();
        }
    }
}
