using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Mail;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features;

/// <summary>POST /email-accounts/{id}/test: connects to the mailbox's outgoing server and logs in, sending nothing.</summary>
internal static class TestEmailAccount
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(InfrastructureDb db, SecretStore secrets, SmtpConnector connector)
        : Endpoint<Request, Results<Ok<EmailAccountResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/email-accounts/{id}/test");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Ok<EmailAccountResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.EmailAccounts.AsNoTracking().SingleOrDefaultAsync(account => account.Id == request.Id, ct) is not { } account)
            {
                return Problems.NotFound("Mailbox");
            }

            var password = account.VaultKeyPath is null ? null : await secrets.GetAsync(account.VaultKeyPath, ct);
            return await connector.TestAsync(account.SmtpSettings, password, ct) is { } failure
                ? Problems.Unprocessable(failure.Field, failure.Message)
                : TypedResults.Ok(EmailAccountResponse.Of(account));
        }
    }
}
