using FastEndpoints;
using FluentValidation;
using Hangfire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Tenancy.Access;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Auth;

/// <summary>
/// POST /auth/reset-password: a new password by the token of a mailed link. Ends every session, opens a locked account, and proves
/// the address too. The second factor stays.
/// </summary>
internal static class ResetPassword
{
    internal sealed record Request(string Token, string Password);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Token).NotEmpty().MaximumLength(100);
            RuleFor(request => request.Password).AsNewPassword();
        }
    }

    internal sealed class Endpoint(
        TenancyDb db, AccountManager accounts, OneTimeTokens tokens, Sessions sessions, SecurityActs acts, IBackgroundJobClient jobs,
        TimeProvider clock)
        : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/auth/reset-password");
            AllowAnonymous();
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            // A password that will not do leaves the link as it is.
            if (await tokens.FindAsync(UserToken.ResetPassword, request.Token, ct) is not { } token)
            {
                return Answers.DeadToken();
            }

            var credential = await accounts.EnterAsync(token.UserId, ct);
            if (await accounts.FaultsOfAsync(credential, request.Password) is { Count: > 0 } faults)
            {
                return Answers.BadPassword(faults);
            }

            if (!await tokens.UseAsync(token, ct))
            {
                return Answers.DeadToken();
            }

            accounts.SetPassword(credential, request.Password);
            credential.LockedUntil = null;
            (await db.Users.SingleAsync(user => user.Id == token.UserId, ct)).EmailVerified ??= clock.GetUtcNow();
            await accounts.ResetAccessFailedCountAsync(credential);
            await sessions.EndAllAsync(null, CancellationToken.None);
            await tokens.EndAsync(UserToken.ChangeEmail, CancellationToken.None);
            await acts.PublishAsync(SecurityActKind.PasswordChanged, details: new Dictionary<string, string> { ["by"] = "mailed link" });
            jobs.TellLater(credential.UserId, "Your password was changed", "The password of your PenguinMails account was changed by a mailed link.");
            return TypedResults.NoContent();
        }
    }
}
