using FastEndpoints;
using FluentValidation;
using Hangfire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Access;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Features.Auth;

namespace PenguinMails.Tenancy.Features.Account;

/// <summary>PUT /account/password: needs the current one. Ends all other sessions.</summary>
internal static class ChangePassword
{
    internal sealed record Request(string CurrentPassword, string NewPassword);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.CurrentPassword).NotEmpty().MaximumLength(128);
            RuleFor(request => request.NewPassword).AsNewPassword();
        }
    }

    internal sealed class Endpoint(
        TenantScope scope, AccountManager accounts, OneTimeTokens tokens, Sessions sessions, SecurityActs acts, IBackgroundJobClient jobs)
        : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Put("/account/password");
            Policies(AccessPolicies.Person);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var credential = await accounts.EnterAsync(scope.UserId!.Value, ct);
            if (await accounts.ConfirmAsync(credential, request.CurrentPassword) is { } refusal)
            {
                return Problems.Unprocessable("currentPassword", refusal);
            }

            if (await accounts.FaultsOfAsync(credential, request.NewPassword) is { Count: > 0 } faults)
            {
                return Answers.BadPassword(faults, "newPassword");
            }

            accounts.SetPassword(credential, request.NewPassword);
            await sessions.EndAllAsync(User.SessionId(), ct);
            // Who asked for a new address may be who the password is changed because of.
            await tokens.EndAsync(UserToken.ChangeEmail, CancellationToken.None);
            await acts.PublishAsync(SecurityActKind.PasswordChanged);
            jobs.TellLater(credential.UserId, "Your password was changed", "The password of your PenguinMails account was changed.");
            return TypedResults.NoContent();
        }
    }
}
