using FastEndpoints;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Access;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tenancy.Features.Keys;

/// <summary>GET /api-keys/scopes: every scope that a key may have. They are few: always one page.</summary>
internal static class ListScopes
{
    internal sealed class Endpoint(KeyScopes scopes) : EndpointWithoutRequest<Page<string>>
    {
        public override void Configure()
        {
            Get("/api-keys/scopes");
            Policies(AccessPolicies.AdminPerson);
        }

        public override Task<Page<string>> ExecuteAsync(CancellationToken ct) => Task.FromResult(new Page<string>(scopes.All, null));
    }
}
