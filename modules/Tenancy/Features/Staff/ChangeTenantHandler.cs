using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Staff;

internal sealed class ChangeTenantHandler(PlatformDb<TenancyDb> platform, ChangeFeed changes, IOptions<AccountOptions> options, TimeProvider clock)
    : IRequestHandler<ChangeTenant, TenantChangeResult>
{
    public async Task<TenantChangeResult> Handle(ChangeTenant request, CancellationToken ct)
    {
        await using var db = platform.Open("staff.tenants");
        if (await db.Tenants.SingleOrDefaultAsync(row => row.Id == request.TenantId, ct) is not { } tenant)
        {
            return TenantChangeResult.NotFound;
        }

        var isDone = request.Change switch
        {
            TenantChange.Suspend => tenant.Suspend(clock.GetUtcNow(), request.Reason),
            TenantChange.Reopen => tenant.Reopen(),
            TenantChange.Delete => tenant.Delete(clock.GetUtcNow(), TimeSpan.FromDays(options.Value.DeletionDays)),
            TenantChange.Restore => tenant.Restore(clock.GetUtcNow()),
            _ => throw new InvalidOperationException($"No such change: {request.Change}."),
        };
        if (!isDone)
        {
            return TenantChangeResult.OutOfPlace;
        }

        await db.SaveChangesAsync(ct);
        await changes.TellAsync(tenant.Id);
        return TenantChangeResult.Done;
    }
}
