using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Domains;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Infrastructure.Jobs;

/// <summary>
/// Looks each domain's records up again every hour; every five minutes where somebody is about to publish them, and where a
/// verified domain was found wrong, which may be a moment's trouble.
/// </summary>
internal sealed class DomainChecks(PlatformDb<InfrastructureDb> platform, IServiceScopeFactory scopes, TimeProvider clock) : IRecurringJob
{
    // A tenant whose zones never answer holds up no other, nor the next run.
    private const int TenantsAtOnce = 10;
    private const int OfATenantAtOnce = 2;

    private static readonly TimeSpan Turn = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan New = TimeSpan.FromHours(48);

    // A little less than the job's own pace, which is never quite even.
    private static readonly TimeSpan Often = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Hourly = TimeSpan.FromMinutes(57);

    public async Task RunAsync(CancellationToken ct)
    {
        await using var db = platform.Open("domain-checks");
        var tenants = await Due(db).Select(domain => domain.TenantId).Distinct().ToListAsync(ct);
        await Sweep.EachApartAsync(tenants.ToAsyncEnumerable(), TenantsAtOnce, CheckTenantAsync, ct);
    }

    // What its turn is too short for comes first in the next.
    private async Task CheckTenantAsync(Guid tenantId, CancellationToken ct)
    {
        await using var db = platform.Open("domain-checks");
        var due = await Due(db).Where(domain => domain.TenantId == tenantId)
            .OrderBy(domain => domain.LastChecked ?? domain.Created).Select(domain => domain.Id).ToListAsync(ct);
        var begun = clock.GetTimestamp();
        await Sweep.EachApartAsync(
            due.TakeWhile(_ => clock.GetElapsedTime(begun) < Turn).ToAsyncEnumerable(), OfATenantAtOnce,
            (id, cancelled) => CheckAsync(tenantId, id, cancelled), ct);
    }

    private async Task CheckAsync(Guid tenantId, Guid id, CancellationToken ct)
    {
        await using var scope = scopes.CreateTenantScope(tenantId);
        await scope.ServiceProvider.GetRequiredService<DomainVerification>().RunAsync(id, unasked: true, ct);
    }

    private IQueryable<Domain> Due(InfrastructureDb db)
    {
        var now = clock.GetUtcNow();
        var (often, hourly, young) = (now - Often, now - Hourly, now - New);
        // A row without a key was not made here: it has no records to look up.
        return db.Domains.Where(domain => domain.DkimKeyPath != null).Where(domain => (domain.LastChecked ?? domain.Created) < hourly || ((domain.LastChecked ?? domain.Created) < often
            && (domain.VerificationStatus == VerificationStatus.Verified
                ? domain.FailedChecks > 0
                : domain.VerificationStatus != VerificationStatus.Degraded && domain.Created > young)));
    }
}
