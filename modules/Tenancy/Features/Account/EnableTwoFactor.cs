using FastEndpoints;
using FluentValidation;
using Hangfire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tenancy.Features.Account;

/// <summary>POST /account/two-factor/enable: turns two factors on by a first code, and shows the recovery codes once.</summary>
internal static class EnableTwoFactor
{
    internal const int RecoveryCodes = 10;

    internal sealed record Request(string Code);

    internal sealed record Response(IReadOnlyList<string> RecoveryCodes);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Code).NotEmpty().MaximumLength(20);
    }

    internal sealed class Endpoint(
        TenantScope scope, AccountManager accounts, ChangeFeed changes, SecurityActs acts, IBackgroundJobClient jobs)
        : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/account/two-factor/enable");
            Policies(AccessPolicies.Person);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var credential = await accounts.EnterAsync(scope.UserId!.Value, ct);
            if (credential.TwoFactorEnabled)
            {
                return Problems.Conflict("The account has two factors already.");
            }

            if (credential.AuthenticatorKey is null)
            {
                return Problems.Conflict("Ask for a key first: POST /api/v1/account/two-factor.");
            }

            if (!await accounts.UseCodeAsync(credential, request.Code, ct))
            {
                return Problems.Unprocessable("code", "The code is wrong: check the clock of the authenticator.");
            }

            await accounts.SetTwoFactorEnabledAsync(credential, true);
            var codes = await accounts.GenerateNewTwoFactorRecoveryCodesAsync(credential, RecoveryCodes);
            await changes.TellAsync(credential.UserId);
            await acts.PublishAsync(SecurityActKind.TwoFactorEnabled);
            jobs.TellLater(credential.UserId, "Two factors are on", "Two factors were turned on for your PenguinMails account.");
            return TypedResults.Ok(new Response([.. codes!]));
        }
    }
}
