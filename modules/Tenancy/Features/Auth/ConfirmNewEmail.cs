using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Auth;

/// <summary>POST /auth/change-email: makes a new address the account's, by the token mailed to it.</summary>
internal static class ConfirmNewEmail
{
    internal sealed record Request(string Token);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Token).NotEmpty().MaximumLength(100);
    }

    internal sealed class Endpoint(TenancyDb db, TenantScope scope, OneTimeTokens tokens, TimeProvider clock)
        : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/auth/change-email");
            AllowAnonymous();
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await tokens.RedeemAsync(UserToken.ChangeEmail, request.Token, ct) is not { } token)
            {
                return Answers.DeadToken();
            }

            var user = await db.Users.SingleAsync(row => row.Id == token.UserId, ct);
            (user.Email, user.EmailVerified) = (token.Email, clock.GetUtcNow());
            (await db.Credentials.SingleAsync(row => row.UserId == token.UserId, ct)).Email = token.Email.ToLowerInvariant();
            if (await db.SaveUniqueAsync(ct) is not null)
            {
                return Problems.Conflict("This address has an account of its own.");
            }

            // A link to a new password that went to the old address.
            await tokens.EndAsync(UserToken.ResetPassword, CancellationToken.None);
            await UpdateMembershipsAsync(token, CancellationToken.None);
            return TypedResults.NoContent();
        }

        // Each tenant keeps its own copy of the address; only within a tenant may it be written.
        private async Task UpdateMembershipsAsync(UserToken token, CancellationToken ct)
        {
            foreach (var tenantId in await db.Memberships.Where(row => row.UserId == token.UserId).Select(row => row.TenantId).ToListAsync(ct))
            {
                scope.Enter(tenantId, token.UserId);
                await db.Memberships.Where(row => row.UserId == token.UserId && row.TenantId == tenantId)
                    .ExecuteUpdateAsync(row => row.SetProperty(membership => membership.Email, token.Email), ct);
            }
        }
    }
}
