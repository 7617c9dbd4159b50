using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Jobs;

/// <summary>
/// Purges the tenants whose time of grace is over. Payments with their subscription, security events, the audit log and hashes of
/// suppressed addresses stay; tenant and companies stay as rows without a name, for those refer to them.
/// </summary>
internal sealed class PurgeTenants(PlatformDatabase platform, IServiceScopeFactory scopes, TimeProvider clock) : IRecurringJob
{
    public const string Id = "tenancy.purge-tenants";

    public async Task RunAsync(CancellationToken ct)
    {
        var due = await platform.ColumnAsync<Guid>(
            Id, "SELECT id FROM tenants WHERE delete_after <= $1", ct, new NpgsqlParameter { Value = clock.GetUtcNow() });
        await Sweep.EachApartAsync(due, async tenantId =>
        {
            await using var services = scopes.CreateTenantScope(tenantId);
            await PurgeAsync(services.ServiceProvider, tenantId, ct);
        }, ct);
    }

    private static async Task PurgeAsync(IServiceProvider services, Guid tenantId, CancellationToken ct)
    {
        var db = services.GetRequiredService<TenancyDb>();
        // A million leads take their time.
        db.Database.SetCommandTimeout(TimeSpan.FromHours(1));
        await services.GetRequiredService<IPublisher>().Publish(new TenantPurging(tenantId), ct);
        await using var transaction = await TenantTransaction.BeginAsync(db, ct);
        await db.Database.ExecuteSqlAsync($"SELECT purge_tenant()", ct);
        await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE companies SET name = 'Deleted company', workspace_name = id::text, logo_url = NULL, postal_address = NULL, status = 'archived'
            WHERE tenant_id = {tenantId}
            """,
            ct);
        await db.Database.ExecuteSqlAsync($"UPDATE tenants SET name = 'Deleted tenant', delete_after = NULL WHERE id = {tenantId}", ct);
        await transaction.CommitAsync(ct);
    }
}
