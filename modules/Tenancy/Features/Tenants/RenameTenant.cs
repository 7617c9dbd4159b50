using FastEndpoints;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Tenants;

/// <summary>PATCH /tenant: another name.</summary>
internal static class RenameTenant
{
    internal sealed record Request(string Name);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Name).AsName(100);
    }

    internal sealed class Endpoint(TenancyDb db, TenantScope scope) : Endpoint<Request, GetTenant.Response>
    {
        public override void Configure()
        {
            Patch("/tenant");
            Policies(AccessPolicies.AdminPerson);
        }

        public override async Task<GetTenant.Response> ExecuteAsync(Request request, CancellationToken ct)
        {
            await db.Tenants.Where(tenant => tenant.Id == scope.TenantId)
                .ExecuteUpdateAsync(row => row.SetProperty(tenant => tenant.Name, request.Name), ct);
            return await GetTenant.ReadAsync(db, scope, ct);
        }
    }
}
