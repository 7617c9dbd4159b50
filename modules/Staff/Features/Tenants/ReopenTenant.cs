using FastEndpoints;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Tenants;

/// <summary>DELETE /staff/tenants/{tenantId}/suspension: lets its people in again. Needs elevated access.</summary>
internal static class ReopenTenant
{
    internal sealed record Request(Guid TenantId);

    internal sealed class Endpoint(TenantChanges changes) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/staff/tenants/{tenantId}/suspension");
            Policies(Contracts.Permissions.TenantsSuspend);
        }

        public override Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            changes.MakeAsync(new ChangeTenant(request.TenantId, TenantChange.Reopen), "It is not suspended.", ct);
    }
}
