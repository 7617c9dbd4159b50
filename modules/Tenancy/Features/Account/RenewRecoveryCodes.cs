using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tenancy.Features.Account;

/// <summary>POST /account/two-factor/recovery-codes: new ones, shown once; the old ones no longer work.</summary>
internal static class RenewRecoveryCodes
{
    internal sealed record Request(string Password);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Password).NotEmpty().MaximumLength(128);
    }

    internal sealed class Endpoint(TenantScope scope, AccountManager accounts)
        : Endpoint<Request, Results<Ok<EnableTwoFactor.Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/account/two-factor/recovery-codes");
            Policies(AccessPolicies.Person);
        }

        public override async Task<Results<Ok<EnableTwoFactor.Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var credential = await accounts.EnterAsync(scope.UserId!.Value, ct);
            if (await accounts.ConfirmAsync(credential, request.Password) is { } refusal)
            {
                return Problems.Unprocessable("password", refusal);
            }

            if (!credential.TwoFactorEnabled)
            {
                return Problems.Conflict("The account has no second factor.");
            }

            var codes = await accounts.GenerateNewTwoFactorRecoveryCodesAsync(credential, EnableTwoFactor.RecoveryCodes);
            return TypedResults.Ok(new EnableTwoFactor.Response([.. codes!]));
        }
    }
}
