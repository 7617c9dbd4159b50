using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Tenants;

internal sealed class BillingCustomerHandler(TenancyDb db, PlatformDb<TenancyDb> platform, TenantScope scope)
    : IRequestHandler<GetBillingCustomer, BillingCustomer>, IRequestHandler<SetStripeCustomer>, IRequestHandler<FindTenantOfCustomer, Guid?>
{
    public async Task<BillingCustomer> Handle(GetBillingCustomer request, CancellationToken ct)
    {
        var tenant = await db.Tenants.SingleAsync(row => row.Id == scope.TenantId, ct);
        var config = await db.Configs.AsNoTracking().SingleAsync(ct);
        return new BillingCustomer(tenant.Name, config.BillingEmail, config.StripeCustomerId);
    }

    public Task Handle(SetStripeCustomer request, CancellationToken ct) =>
        db.Configs.ExecuteUpdateAsync(set => set.SetProperty(config => config.StripeCustomerId, request.StripeCustomerId), ct);

    public async Task<Guid?> Handle(FindTenantOfCustomer request, CancellationToken ct)
    {
        await using var all = platform.Open("billing.customers");
        return await all.Configs.Where(config => config.StripeCustomerId == request.StripeCustomerId)
            .Select(config => (Guid?)config.TenantId).SingleOrDefaultAsync(ct);
    }
}
