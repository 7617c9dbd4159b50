using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Tenants;

/// <summary>GET /tenant: the tenant that the token is for.</summary>
internal static class GetTenant
{
    internal sealed record Response(Guid Id, string Name, DateTimeOffset Created);

    /// <summary>The current tenant.</summary>
    public static Task<Response> ReadAsync(TenancyDb db, TenantScope scope, CancellationToken ct) => db.Tenants
        .Where(tenant => tenant.Id == scope.TenantId)
        .Select(tenant => new Response(tenant.Id, tenant.Name, tenant.Created))
        .SingleAsync(ct);

    internal sealed class Endpoint(TenancyDb db, TenantScope scope) : EndpointWithoutRequest<Response>
    {
        public override void Configure()
        {
            Get("/tenant");
            Policies(AccessPolicies.Viewer);
        }

        public override Task<Response> ExecuteAsync(CancellationToken ct) => ReadAsync(db, scope, ct);
    }
}
