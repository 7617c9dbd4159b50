using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.Blocklists;

/// <summary>GET /domains/{id}/blacklists: what blocklists last said of a domain.</summary>
internal static class ListDomainListings
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(InfrastructureDb db) : Endpoint<Request, Results<Ok<Page<ListingResponse>>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/domains/{id}/blacklists");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<Page<ListingResponse>>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.Domains.AsNoTracking().SingleOrDefaultAsync(domain => domain.Id == request.Id, ct) is { } domain
                ? TypedResults.Ok(ListingResponse.PageOf(domain.BlacklistStatus))
                : Problems.NotFound("Domain");
    }
}
