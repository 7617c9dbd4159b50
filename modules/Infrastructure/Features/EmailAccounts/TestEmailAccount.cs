using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>POST /email-accounts/{id}/test: connects to the mailbox's servers and logs in, sending and reading nothing.</summary>
internal static class TestEmailAccount
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(InfrastructureDb db, SecretStore secrets, MailboxTest test)
        : Endpoint<Request, Results<Ok<TestResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/email-accounts/{id}/test");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Ok<TestResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.EmailAccounts.AsNoTracking().SingleOrDefaultAsync(account => account.Id == request.Id, ct) is not { } account)
            {
                return Problems.NotFound("Mailbox");
            }

            return TypedResults.Ok(await test.RunAsync(
                new(account.SmtpSettings, await secrets.SmtpPasswordAsync(account, ct)),
                new(account.ImapSettings, await secrets.ImapPasswordAsync(account, ct)),
                ct));
        }
    }
}
