using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tenancy.Features.Account;

/// <summary>POST /account/two-factor: a key for an authenticator (RFC 6238); it counts from when a code of it was sent.</summary>
internal static class EnrolTwoFactor
{
    internal sealed record Request(string Password);

    /// <param name="Key">Base32, for typing in.</param>
    /// <param name="Uri">An otpauth address, for a QR code.</param>
    internal sealed record Response(string Key, string Uri);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Password).NotEmpty().MaximumLength(128);
    }

    internal sealed class Endpoint(TenantScope scope, AccountManager accounts) : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/account/two-factor");
            Policies(AccessPolicies.Person);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var credential = await accounts.EnterAsync(scope.UserId!.Value, ct);
            if (await accounts.ConfirmAsync(credential, request.Password) is { } refusal)
            {
                return Problems.Unprocessable("password", refusal);
            }

            if (credential.TwoFactorEnabled)
            {
                return Problems.Conflict("The account has two factors already: turn them off first.");
            }

            await accounts.ResetAuthenticatorKeyAsync(credential);
            var key = (await accounts.GetAuthenticatorKeyAsync(credential))!;
            var account = Uri.EscapeDataString($"PenguinMails:{credential.Email}");
            return TypedResults.Ok(new Response(key, $"otpauth://totp/{account}?secret={key}&issuer=PenguinMails&digits=6"));
        }
    }
}
