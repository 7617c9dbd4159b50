using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.Addresses;

/// <summary>POST /domains/{id}/address: puts a verified domain on one of the platform's addresses; where none is free it waits for one.</summary>
internal static class GiveDomainAddress
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(InfrastructureDb db, AddressPlaces places, TenantScope scope, IOptions<AddressOptions> options, TimeProvider clock)
        : Endpoint<Request, Results<Ok<DomainAddressResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/domains/{id}/address");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Ok<DomainAddressResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Domains.AsNoTracking().SingleOrDefaultAsync(domain => domain.Id == request.Id, ct) is not { } domain)
            {
                return Problems.NotFound("Domain");
            }

            if (domain.VerificationStatus != VerificationStatus.Verified)
            {
                return Problems.Conflict("Only a verified domain gets an address.");
            }

            await places.GiveAsync(scope.RequiredTenantId, domain.Id, ct);
            return TypedResults.Ok(await DomainAddressResponse.OfAsync(db, domain.Id, options.Value, clock.GetUtcNow(), ct));
        }
    }
}
