using FastEndpoints;
using FluentValidation;
using Hangfire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Access;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tenancy.Features.Account;

/// <summary>
/// POST /account/deletion: the account is anonymised after 30 days, until when logging in and DELETE /account/deletion keep it. The
/// only owner of a tenant deletes that first, or hands it over.
/// </summary>
internal static class DeleteAccount
{
    internal sealed record Request(string Password);

    internal sealed record Response(DateTimeOffset DeleteAfter);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Password).NotEmpty().MaximumLength(128);
    }

    internal sealed class Endpoint(
        TenantScope scope, AccountManager accounts, Ownership ownership, Sessions sessions, IBackgroundJobClient jobs,
        IOptions<AccountOptions> options, TimeProvider clock)
        : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/account/deletion");
            Policies(AccessPolicies.Person);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var credential = await accounts.EnterAsync(scope.UserId!.Value, ct);
            if (await accounts.ConfirmAsync(credential, request.Password) is { } refusal)
            {
                return Problems.Unprocessable("password", refusal);
            }

            if (await ownership.OnlyOwnerOfAsync(credential.UserId, ct) is { } tenant)
            {
                return Problems.Conflict($"You are the only owner of {tenant}: make somebody else an owner, or delete it first.");
            }

            scope.Enter(null, credential.UserId);
            var after = clock.GetUtcNow().AddDays(options.Value.DeletionDays);
            credential.DeleteAfter = after;
            await sessions.EndAllAsync(null, ct);
            jobs.TellLater(credential.UserId, "Your account will be deleted",
                $"Your PenguinMails account will be deleted after {after:yyyy-MM-dd}. To keep it, log in and call the deletion off.");
            return TypedResults.Ok(new Response(after));
        }
    }
}
