using FastEndpoints;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Tenants;

/// <summary>DELETE /staff/tenants/{tenantId}/deletion: brings back a tenant that has not been purged. Needs elevated access.</summary>
internal static class RestoreTenant
{
    internal sealed record Request(Guid TenantId);

    internal sealed class Endpoint(TenantChanges changes) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/staff/tenants/{tenantId}/deletion");
            Policies(Contracts.Permissions.TenantsUpdate);
        }

        public override Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            changes.MakeAsync(new ChangeTenant(request.TenantId, TenantChange.Restore), "It is not deleted, or has been purged.", ct);
    }
}
