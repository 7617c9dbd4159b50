using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Domains;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Infrastructure.Jobs;

/// <summary>Looks the records of all domains up again, tenant by tenant.</summary>
internal sealed class DomainChecks(PlatformDatabase platform, IServiceScopeFactory scopes, DomainCheck check) : IRecurringJob
{
    public async Task RunAsync(CancellationToken ct)
    {
        foreach (var tenantId in await platform.ColumnAsync<Guid>("domain-checks", "SELECT DISTINCT tenant_id FROM domains", ct))
        {
            await using var scope = scopes.CreateTenantScope(tenantId);
            var db = scope.ServiceProvider.GetRequiredService<InfrastructureDb>();
            foreach (var domain in await db.Domains.ToListAsync(ct))
            {
                await check.RunAsync(domain, ct);
                await db.SaveChangesAsync(ct);
            }
        }
    }
}
