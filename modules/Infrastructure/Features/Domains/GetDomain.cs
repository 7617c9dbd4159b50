using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.Domains;

/// <summary>GET /domains/{id}: a domain with its records and what the last check found.</summary>
internal static class GetDomain
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(InfrastructureDb db) : Endpoint<Request, Results<Ok<DomainResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/domains/{id}");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<DomainResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.Domains.AsNoTracking().SingleOrDefaultAsync(domain => domain.Id == request.Id, ct) is { } domain
                ? TypedResults.Ok(DomainResponse.Of(domain))
                : Problems.NotFound("Domain");
    }
}
