using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.Addresses;

/// <summary>GET /domains/{id}/address: the platform's addresses that a domain sends from, and how far their warmup is.</summary>
internal static class GetDomainAddress
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(InfrastructureDb db, IOptions<AddressOptions> options, TimeProvider clock)
        : Endpoint<Request, Results<Ok<DomainAddressResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/domains/{id}/address");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<DomainAddressResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.Domains.AnyAsync(domain => domain.Id == request.Id, ct)
                ? TypedResults.Ok(await DomainAddressResponse.OfAsync(db, request.Id, options.Value, clock.GetUtcNow(), ct))
                : Problems.NotFound("Domain");
    }
}
