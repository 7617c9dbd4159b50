using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features;

/// <summary>POST /email-accounts/{id}/pause: nothing more is sent from an active mailbox.</summary>
internal static class PauseEmailAccount
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(InfrastructureDb db) : Endpoint<Request, Results<Ok<EmailAccountResponse>, ProblemHttpResult>>
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

            if (!account.Pause())
            {
                return Problems.Conflict($"A mailbox that is {account.Status.ToString().ToLowerInvariant()} cannot be paused.");
            }

            await db.SaveChangesAsync(ct);
            return TypedResults.Ok(EmailAccountResponse.Of(account));
        }
    }
}
