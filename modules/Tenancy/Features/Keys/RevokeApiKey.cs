using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Keys;

/// <summary>DELETE /api-keys/{id}: it opens nothing from then on, on any host. Again is no error.</summary>
internal static class RevokeApiKey
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(TenancyDb db, ChangeFeed changes, SecurityActs acts, TimeProvider clock)
        : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/api-keys/{id}");
            Policies(AccessPolicies.AdminPerson);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.ApiKeys.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } key)
            {
                return Problems.NotFound("API key");
            }

            key.Revoke(clock.GetUtcNow());
            await db.SaveChangesAsync(ct);
            await changes.TellAsync(key.Id);
            await acts.PublishAsync(SecurityActKind.ApiKeyRevoked, resourceType: "api_key", resourceId: key.Id.ToString());
            return TypedResults.NoContent();
        }
    }
}
