using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Tenants;

internal sealed class IsTenantOpenHandler(TenancyDb db, TenantScope scope) : IRequestHandler<IsTenantOpen, bool>
{
    public Task<bool> Handle(IsTenantOpen request, CancellationToken ct) =>
        db.Tenants.AnyAsync(tenant => tenant.Id == scope.TenantId && tenant.Deleted == null && tenant.Suspended == null, ct);
}
