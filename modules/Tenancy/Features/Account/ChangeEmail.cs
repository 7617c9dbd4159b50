using FastEndpoints;
using FluentValidation;
using Hangfire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Features.Auth;

namespace PenguinMails.Tenancy.Features.Account;

/// <summary>PUT /account/email: mails a link to the new address, which is the account's once it is opened.</summary>
internal static class ChangeEmail
{
    internal sealed record Request(string Email, string Password);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Email).AsEmail();
            RuleFor(request => request.Password).NotEmpty().MaximumLength(128);
        }
    }

    internal sealed class Endpoint(TenantScope scope, AccountManager accounts, IBackgroundJobClient jobs)
        : Endpoint<Request, Results<Accepted, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Put("/account/email");
            Policies(AccessPolicies.Person);
        }

        public override async Task<Results<Accepted, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var credential = await accounts.EnterAsync(scope.UserId!.Value, ct);
            if (await accounts.ConfirmAsync(credential, request.Password) is { } refusal)
            {
                return Problems.Unprocessable("password", refusal);
            }

            // Whether the address is another account's is not told here, but to who holds it.
            jobs.Enqueue<AccountMail>(mail => mail.ChangeEmailAsync(credential.UserId, request.Email, CancellationToken.None));
            return TypedResults.Accepted((string?)null);
        }
    }
}
