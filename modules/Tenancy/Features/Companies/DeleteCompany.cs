using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Companies;

/// <summary>DELETE /companies/{id}: one that nothing belongs to; others can be archived. A tenant keeps one.</summary>
internal static class DeleteCompany
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(TenancyDb db, Ownership ownership) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/companies/{id}");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await TenantTransaction.BeginAsync(db, ct);
            // Two at once must not delete the last two.
            await ownership.LockAsync(ct);
            if (!await db.Companies.AnyAsync(company => company.Id == request.Id, ct))
            {
                return Problems.NotFound("Company");
            }

            if (!await db.Companies.AnyAsync(company => company.Id != request.Id, ct))
            {
                return Problems.Conflict("It is the tenant's only company.");
            }

            // Deleting would take all of it along.
            var uses = await db.Database.SqlQuery<string>($"SELECT u AS \"Value\" FROM company_uses({request.Id}) u").ToListAsync(ct);
            if (uses.Count > 0)
            {
                return Problems.Conflict($"It still has {string.Join(", ", uses)}: delete those first, or archive the company.");
            }

            await db.Companies.Where(company => company.Id == request.Id).ExecuteDeleteAsync(ct);
            await transaction.CommitAsync(ct);
            return TypedResults.NoContent();
        }
    }
}
