using FastEndpoints;
using FluentValidation;
using Hangfire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Account;

/// <summary>POST /account/two-factor/disable: turns two factors off, unless a tenant of the person asks for them.</summary>
internal static class DisableTwoFactor
{
    internal sealed record Request(string Password);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Password).NotEmpty().MaximumLength(128);
    }

    internal sealed class Endpoint(
        TenancyDb db, TenantScope scope, AccountManager accounts, ChangeFeed changes, SecurityActs acts, IBackgroundJobClient jobs)
        : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/account/two-factor/disable");
            Policies(AccessPolicies.Person);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var credential = await accounts.EnterAsync(scope.UserId!.Value, ct);
            if (await accounts.ConfirmAsync(credential, request.Password) is { } refusal)
            {
                return Problems.Unprocessable("password", refusal);
            }

            if (accounts.TwoFactorRequired)
            {
                return Problems.Conflict("A tenant of yours asks for two factors.");
            }

            (credential.TwoFactorEnabled, credential.AuthenticatorKey, credential.RecoveryCodes) = (false, null, []);
            await db.SaveChangesAsync(ct);
            await changes.TellAsync(credential.UserId);
            await acts.PublishAsync(SecurityActKind.TwoFactorDisabled);
            jobs.TellLater(credential.UserId, "Two factors are off", "Two factors were turned off for your PenguinMails account.");
            return TypedResults.NoContent();
        }
    }
}
