using FastEndpoints;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Tenants;

/// <summary>GET /staff/tenants/{tenantId}: the tenant and its plan.</summary>
internal static class ReadTenant
{
    internal sealed record Request(Guid TenantId);

    /// <param name="PrioritySupport">Whether the plan has them answered first.</param>
    internal sealed record Response(TenantDetails Tenant, string Plan, bool PrioritySupport);

    internal sealed class Endpoint(ISender modules, IServiceScopeFactory scopes) : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/staff/tenants/{tenantId}");
            Policies(Contracts.Permissions.TenantsRead);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await modules.Send(new GetTenantDetails(request.TenantId), ct) is not { } tenant)
            {
                return Problems.NotFound("Tenant");
            }

            await using var services = scopes.CreateTenantScope(tenant.Id);
            var ofTenant = services.ServiceProvider.GetRequiredService<ISender>();
            var access = await ofTenant.Send(new GetApiAccess(), ct);
            return TypedResults.Ok(new Response(tenant, access.Plan, await ofTenant.Send(new RequireFeature(PlanFeature.PrioritySupport), ct) is null));
        }
    }
}
