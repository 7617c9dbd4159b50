using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features;

/// <summary>POST /email-accounts/{id}/resume: a paused mailbox sends again.</summary>
internal static class ResumeEmailAccount
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(InfrastructureDb db) : Endpoint<Request, Results<Ok<EmailAccountResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/email-accounts/{id}/resume");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Ok<EmailAccountResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.EmailAccounts.SingleOrDefaultAsync(account => account.Id == request.Id, ct) is not { } account)
            {
                return Problems.NotFound("Mailbox");
            }

            if (!account.Resume())
            {
                return Problems.Conflict($"A mailbox that is {account.Status.ToString().ToLowerInvariant()} cannot be resumed.");
            }

            await db.SaveChangesAsync(ct);
            return TypedResults.Ok(EmailAccountResponse.Of(account));
        }
    }
}
