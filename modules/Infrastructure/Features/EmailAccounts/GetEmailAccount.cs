using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>GET /email-accounts/{id}: a mailbox.</summary>
internal static class GetEmailAccount
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(InfrastructureDb db, TimeProvider clock) : Endpoint<Request, Results<Ok<EmailAccountResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/email-accounts/{id}");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<EmailAccountResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.EmailAccounts.AsNoTracking().SingleOrDefaultAsync(account => account.Id == request.Id, ct) is not { } account)
            {
                return Problems.NotFound("Mailbox");
            }

            var reader = await db.MailboxReaders.AsNoTracking().SingleOrDefaultAsync(row => row.EmailAccountId == account.Id, ct);
            var response = EmailAccountResponse.Of(account, clock.GetUtcNow());
            return TypedResults.Ok(response with { LastRead = reader?.LastRead, ReadError = reader?.Error });
        }
    }
}
