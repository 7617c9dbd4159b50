using System.Runtime.CompilerServices;
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
    private const int PageSize = 500;
    private const int AtOnce = 10;

    private static readonly TimeSpan New = TimeSpan.FromHours(48);

    // A little less than the job's own pace, which is never quite even.
    private static readonly TimeSpan Often = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Hourly = TimeSpan.FromMinutes(57);

    private sealed record Due(Guid TenantId, Guid Id);

    public Task RunAsync(CancellationToken ct) => Sweep.EachApartAsync(DueAsync(ct), AtOnce, CheckAsync, ct);

    private async Task CheckAsync(Due due, CancellationToken ct)
    {
        await using var scope = scopes.CreateTenantScope(due.TenantId);
        await scope.ServiceProvider.GetRequiredService<DomainVerification>().RunAsync(due.Id, unasked: true, ct);
    }

    private async IAsyncEnumerable<Due> DueAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await using var db = platform.Open("domain-checks");
        var now = clock.GetUtcNow();
        var (often, hourly, young) = (now - Often, now - Hourly, now - New);
        // A row without a key was not made here: it has no records to look up.
        var due = db.Domains.Where(domain => domain.DkimKeyPath != null).Where(domain => (domain.LastChecked ?? domain.Created) < hourly || ((domain.LastChecked ?? domain.Created) < often
            && (domain.VerificationStatus == VerificationStatus.Verified
                ? domain.FailedChecks > 0
                : domain.VerificationStatus != VerificationStatus.Degraded && domain.Created > young)));
        Guid? last = null;
        while (true)
        {
            var page = await due.Where(domain => last == null || domain.Id > last).OrderBy(domain => domain.Id).Take(PageSize)
                .Select(domain => new Due(domain.TenantId, domain.Id)).ToListAsync(ct);
            foreach (var one in page)
            {
                yield return one;
            }

            if (page.Count < PageSize)
            {
                yield break;
            }

            last = page[^1].Id;
        }
    }
}
