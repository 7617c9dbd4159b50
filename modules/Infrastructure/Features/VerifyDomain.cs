using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Domains;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features;

/// <summary>POST /domains/{id}/verify: looks a domain's records up in DNS, now.</summary>
internal static class VerifyDomain
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(InfrastructureDb db, DomainCheck check) : Endpoint<Request, Results<Ok<DomainResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/domains/{id}/verify");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Ok<DomainResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Domains.SingleOrDefaultAsync(domain => domain.Id == request.Id, ct) is not { } domain)
            {
                return Problems.NotFound("Domain");
            }

            await check.RunAsync(domain, ct);
            await db.SaveChangesAsync(ct);
            return TypedResults.Ok(DomainResponse.Of(domain));
        }
    }
}
