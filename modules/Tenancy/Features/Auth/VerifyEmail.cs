using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Auth;

/// <summary>POST /auth/verify-email: proves that an address is one's own, by the link's token or by address and code.</summary>
internal static class VerifyEmail
{
    internal sealed record Request(string? Token, string? Email, string? Code);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Token).NotEmpty().MaximumLength(100).When(request => request.Code is null);
            RuleFor(request => request.Email!).AsEmail().When(request => request.Code is not null);
            RuleFor(request => request.Code).MaximumLength(20);
        }
    }

    internal sealed class Endpoint(TenancyDb db, AccountManager accounts, OneTimeTokens tokens, TimeProvider clock)
        : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/auth/verify-email");
            AllowAnonymous();
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await RedeemAsync(request, ct) is not { } token)
            {
                return Answers.DeadToken();
            }

            var user = await db.Users.SingleAsync(row => row.Id == token.UserId, ct);
            var isFirst = user.EmailVerified is null;
            user.EmailVerified = clock.GetUtcNow();
            if (isFirst && token.PasswordHash is { } hash)
            {
                user.Name = token.Name;
                (await db.Credentials.SingleAsync(row => row.UserId == token.UserId, ct)).PasswordHash = hash;
            }

            await db.SaveChangesAsync(ct);
            await tokens.EndAsync(UserToken.VerifyEmail, ct);
            return TypedResults.NoContent();
        }

        private async Task<UserToken?> RedeemAsync(Request request, CancellationToken ct)
        {
            if (request.Code is not { } code)
            {
                return await tokens.RedeemAsync(UserToken.VerifyEmail, request.Token!, ct);
            }

            if (await accounts.FindAsync(request.Email!, ct) is not { } userId)
            {
                return null;
            }

            await accounts.EnterAsync(userId, ct);
            return await tokens.RedeemCodeAsync(UserToken.VerifyEmail, code, ct);
        }
    }
}
