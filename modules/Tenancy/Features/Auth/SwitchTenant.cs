using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Access;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Auth;

/// <summary>POST /auth/switch: a session in another of the person's tenants. The present one goes on.</summary>
internal static class SwitchTenant
{
    internal sealed record Request(Guid TenantId);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.TenantId).NotEmpty();
    }

    internal sealed class Endpoint(TenancyDb db, TenantScope scope, AccountManager accounts, Sessions sessions, SecurityActs acts)
        : Endpoint<Request, Results<Ok<AccessGrant>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/auth/switch");
            Policies(AccessPolicies.Person);
        }

        public override async Task<Results<Ok<AccessGrant>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var userId = scope.UserId!.Value;
            var isMember = await db.Memberships.AnyAsync(
                membership => membership.UserId == userId && membership.TenantId == request.TenantId && membership.Deleted == null
                    && db.Tenants.Any(tenant => tenant.Id == request.TenantId && tenant.Deleted == null), ct);
            if (!isMember)
            {
                await acts.PublishAsync(SecurityActKind.CrossTenantAccessAttempt, "not a member", "tenant", request.TenantId.ToString());
                return Problems.NotFound("Tenant");
            }

            if (!await accounts.IsVerifiedForAsync(userId, request.TenantId, ct))
            {
                return Problems.Conflict("The tenant asks for a verified e-mail address: verify yours first.");
            }

            if (await sessions.OpenBesideAsync(User.SessionId(), request.TenantId, ct) is not { } grant)
            {
                return Answers.SessionOver();
            }

            await acts.PublishAsync(SecurityActKind.LoginSucceeded, details: new Dictionary<string, string> { ["by"] = "switch" });
            return TypedResults.Ok(grant);
        }
    }
}
