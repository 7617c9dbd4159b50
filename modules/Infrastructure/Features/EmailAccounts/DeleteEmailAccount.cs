using FastEndpoints;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Mailu;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>DELETE /email-accounts/{id}: forgets a mailbox that no campaign needs, with its passwords and, at Mailu, its user and mail.</summary>
internal static class DeleteEmailAccount
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(InfrastructureDb db, SecretStore secrets, MailuClient mailu, ISender modules, ChangeFeed changes)
        : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/email-accounts/{id}");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.EmailAccounts.SingleOrDefaultAsync(account => account.Id == request.Id, ct) is not { } account)
            {
                return Problems.NotFound("Mailbox");
            }

            if (await modules.Send(new ReleaseMailbox(account.Id), ct) is { Count: > 0 } campaigns)
            {
                return Problems.Conflict($"Campaigns that are not completed use the mailbox: {string.Join(", ", campaigns)}.");
            }

            account.Disable();
            await db.SaveChangesAsync(ct);
            // There first: what is left here can be deleted again, what is left there nobody would know of.
            if (account.Provider == EmailAccount.PlatformServer && await RemoveUserAsync(account, ct) is { } fault)
            {
                return fault.ToProblem(HttpContext);
            }

            await secrets.ForgetAsync(account, ct);
            db.EmailAccounts.Remove(account);
            await db.SaveChangesAsync(ct);
            await changes.TellAsync(account.Id);
            return TypedResults.NoContent();
        }

        private async Task<MailuFault?> RemoveUserAsync(EmailAccount account, CancellationToken ct)
        {
            if (mailu.IsConfigured)
            {
                return await mailu.RemoveAsync(account, ct);
            }

            Logger.LogWarning("Mailbox {Mailbox} is deleted, and its user left at the Mailu that is configured no more", account.Id);
            return null;
        }
    }
}
