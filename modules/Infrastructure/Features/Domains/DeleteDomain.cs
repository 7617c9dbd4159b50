using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.Domains;

/// <summary>DELETE /domains/{id}: a domain that nothing uses any more, with its keys.</summary>
internal static class DeleteDomain
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(InfrastructureDb db, SecretStore secrets) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/domains/{id}");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await TenantTransaction.BeginAsync(db, ct);
            // The lock keeps new mailboxes out as well: they refer to the row.
            if (await db.LockDomainAsync(request.Id, ct) is not { } domain)
            {
                return Problems.NotFound("Domain");
            }

            if (await UseAsync(domain, ct) is { } use)
            {
                return Problems.Conflict($"The domain {domain.Name} is in use: {use}");
            }

            foreach (var path in domain.KeyPaths)
            {
                await secrets.DeleteAsync(path, ct);
            }

            db.Domains.Remove(domain);
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            return TypedResults.NoContent();
        }

        private async Task<string?> UseAsync(Domain domain, CancellationToken ct)
        {
            var mailboxes = await db.EmailAccounts.CountAsync(account => account.DomainId == domain.Id, ct);
            return mailboxes switch
            {
                0 => null,
                1 => "it has a mailbox, which goes first.",
                _ => $"it has {mailboxes} mailboxes, which go first.",
            };
        }
    }
}
