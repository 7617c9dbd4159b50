using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>POST /email-accounts/{id}/pause: nothing more is sent from an active mailbox.</summary>
internal static class PauseEmailAccount
{
    internal sealed record Request(Guid Id, string? Reason);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Reason).MaximumLength(500);
    }

    internal sealed class Endpoint(InfrastructureDb db, TimeProvider clock) : Endpoint<Request, Results<Ok<EmailAccountResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/email-accounts/{id}/pause");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Ok<EmailAccountResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.EmailAccounts.SingleOrDefaultAsync(account => account.Id == request.Id, ct) is not { } account)
            {
                return Problems.NotFound("Mailbox");
            }

            if (!account.Pause(request.Reason ?? "Paused by hand."))
            {
                return Problems.Conflict($"A mailbox that is {SnakeCase.Of(account.Status)} cannot be paused.");
            }

            await db.SaveChangesAsync(ct);
            return TypedResults.Ok(EmailAccountResponse.Of(account, clock.GetUtcNow()));
        }
    }
}
