using System.Security.Cryptography;
using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Domains;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.Domains;

/// <summary>
/// POST /domains/{id}/dkim/rotate: makes the next DKIM key and shows its record beside the present one's. Mail is signed with it once
/// its record is verified.
/// </summary>
internal static class RotateDkimKey
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(InfrastructureDb db, SecretStore secrets, IOptions<DnsOptions> dns)
        : Endpoint<Request, Results<Ok<DomainResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/domains/{id}/dkim/rotate");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Ok<DomainResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await TenantTransaction.BeginAsync(db, ct);
            if (await db.LockDomainAsync(request.Id, ct) is not { } domain)
            {
                return Problems.NotFound("Domain");
            }

            if (domain.RotationObstacle is { } obstacle)
            {
                return Problems.Conflict(obstacle);
            }

            using var key = RSA.Create(Domain.KeyBits);
            var path = domain.BeginRotation(key, dns.Value);
            await secrets.SetAsync(path, domain.TenantId, key.ExportPkcs8PrivateKeyPem(), ct);
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            return TypedResults.Ok(DomainResponse.Of(domain));
        }
    }
}
