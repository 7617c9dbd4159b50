using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.Domains;

/// <summary>POST /domains/{id}/primary: makes a verified domain its company's first choice, instead of the one that was.</summary>
internal static class SetPrimaryDomain
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(InfrastructureDb db) : Endpoint<Request, Results<Ok<DomainResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/domains/{id}/primary");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Ok<DomainResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await TenantTransaction.BeginAsync(db, ct);
            if (await db.LockDomainAsync(request.Id, ct) is not { } domain)
            {
                return Problems.NotFound("Domain");
            }

            if (domain.VerificationStatus != VerificationStatus.Verified)
            {
                return Problems.Conflict($"The domain {domain.Name} is not verified.");
            }

            await db.Domains.Where(other => other.CompanyId == domain.CompanyId && other.Id != domain.Id && other.IsPrimary)
                .ExecuteUpdateAsync(other => other.SetProperty(row => row.IsPrimary, false), ct);
            domain.IsPrimary = true;
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            return TypedResults.Ok(DomainResponse.Of(domain));
        }
    }
}
