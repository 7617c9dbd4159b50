using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.People;

/// <summary>What the plan's limit of users counts: the tenant's people, and whoever is invited and may still come.</summary>
internal sealed class Seats(TenancyDb db, TenantScope scope, TimeProvider clock) : INotificationHandler<MeasureUsage>
{
    public async Task Handle(MeasureUsage measure, CancellationToken ct) => measure.Add(PlanLimit.Users, await CountAsync(ct));

    public async Task<long> CountAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return await db.Memberships.LongCountAsync(row => row.TenantId == scope.TenantId, ct)
            + await db.Invitations.LongCountAsync(row => row.Accepted == null && row.Revoked == null && row.Expires > now, ct);
    }
}
