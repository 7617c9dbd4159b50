using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;

namespace PenguinMails.Campaigns.Leads;

/// <summary>What an import is asked to do.</summary>
/// <param name="List">The list that the leads join; made when there is none of that name. Null: no list.</param>
/// <param name="Bytes">As announced; null where the client does not know.</param>
internal sealed record ImportOrder(string? List, OnDuplicate OnDuplicate, string? IdempotencyKey, long? Bytes);

/// <summary>Who works on which import.</summary>
internal sealed class ImportClaims(
    CampaignsDb db, TenantScope scope, IServiceScopeFactory scopes, IOptions<ImportOptions> options, TimeProvider clock, ILogger<ImportLease> log)
{
    // One that brings every host down would go on for ever.
    private const int MostAttempts = 5;

    private const string Lost = "The upload was interrupted: send the file again.";

    /// <summary>Begins an import, or begins anew one of the same key that failed.</summary>
    /// <returns>Null where one of the same key is there already.</returns>
    public async Task<ImportLease?> OpenAsync(ImportOrder order, CancellationToken ct)
    {
        var (id, owner, now) = (Guid.CreateVersion7(), Guid.CreateVersion7(), clock.GetUtcNow());
        var opened = await db.Database.SqlQuery<Guid>($"""
            INSERT INTO lead_imports AS i (id, tenant_id, file_name, status, list_name, on_duplicate, bytes_total, idempotency_key, created_by, lease_owner, lease_until)
            VALUES ({id}, {scope.RequiredTenantId}, '', 'uploading', {order.List}, {SnakeCase.Of(order.OnDuplicate)}, {order.Bytes},
                {order.IdempotencyKey}, {scope.UserId}, {owner}, {Until(now)})
            ON CONFLICT (tenant_id, idempotency_key) DO UPDATE SET status = 'uploading', list_name = EXCLUDED.list_name,
                on_duplicate = EXCLUDED.on_duplicate, bytes_total = EXCLUDED.bytes_total, bytes_read = 0, total_rows = 0, refused = 0, error = NULL,
                completed = NULL, attempts = 0, phase_started = {now}, lease_owner = EXCLUDED.lease_owner, lease_until = EXCLUDED.lease_until
            WHERE i.status = 'failed' OR i.status = 'uploading' AND i.lease_until < {now}
            RETURNING i.id
            """).ToListAsync(ct);
        return opened is [var importId] ? Hold(importId, owner, ct) : null;
    }

    /// <summary>Takes what a host left of the tenant: what was being merged is taken up, what was being uploaded has failed.</summary>
    public async Task<ImportLease?> TakeAsync(CancellationToken ct)
    {
        var (owner, now) = (Guid.CreateVersion7(), clock.GetUtcNow());
        await db.Imports.Where(row => row.LeaseUntil < now && (row.Status == ImportStatus.Uploading || (row.Status == ImportStatus.Running && row.Attempts >= MostAttempts)))
            .ExecuteUpdateAsync(row => row
                .SetProperty(import => import.Error, import => import.Status == ImportStatus.Uploading ? Lost : "The rows could not be merged.")
                .SetProperty(import => import.Status, ImportStatus.Failed)
                .SetProperty(import => import.Completed, now), ct);
        var taken = await db.Database.SqlQuery<Guid>($"""
            UPDATE lead_imports SET lease_owner = {owner}, lease_until = {Until(now)}, attempts = attempts + 1
            WHERE id = (
                SELECT id FROM lead_imports
                WHERE tenant_id = {scope.RequiredTenantId} AND status = 'running' AND (lease_until IS NULL OR lease_until < {now})
                ORDER BY created LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id
            """).ToListAsync(ct);
        return taken is [var importId] ? Hold(importId, owner, ct) : null;
    }

    /// <summary>Throws away the rows of imports that are over: nobody need wait for that.</summary>
    public async Task ClearAsync(CancellationToken ct)
    {
        foreach (var id in await db.Imports.Where(row => row.StagedRows > 0 && Over.Contains(row.Status)).Select(row => row.Id).ToListAsync(ct))
        {
            await db.ImportRows.Where(row => row.ImportId == id).ExecuteDeleteAsync(ct);
            await db.Imports.Where(row => row.Id == id).ExecuteUpdateAsync(row => row.SetProperty(import => import.StagedRows, 0), ct);
        }
    }

    /// <summary>Lets any host take the import up.</summary>
    public Task LeaveAsync(ImportLease lease, CancellationToken ct) => db.Imports
        .Where(row => row.Id == lease.ImportId && row.LeaseOwner == lease.Owner && row.Status == ImportStatus.Running)
        .ExecuteUpdateAsync(row => row.SetProperty(import => import.LeaseUntil, (DateTimeOffset?)null), ct);

    /// <summary>Ends the import without a merge.</summary>
    public async Task FailAsync(ImportLease lease, string error, CancellationToken ct)
    {
        await db.Imports.Where(row => row.Id == lease.ImportId && row.LeaseOwner == lease.Owner && !Over.Contains(row.Status))
            .ExecuteUpdateAsync(row => row
                .SetProperty(import => import.Status, ImportStatus.Failed)
                .SetProperty(import => import.Error, error)
                .SetProperty(import => import.Completed, clock.GetUtcNow()), ct);
    }

    /// <summary>An upload that broke off, as far as the host lives to say so.</summary>
    public Task InterruptAsync(ImportLease lease) => FailAsync(lease, Lost, CancellationToken.None);

    private static readonly ImportStatus[] Over = [ImportStatus.Completed, ImportStatus.Failed, ImportStatus.Canceled];

    private ImportLease Hold(Guid importId, Guid owner, CancellationToken ct) =>
        new(scope.RequiredTenantId, importId, owner, scopes, options, clock, log, ct);

    private DateTimeOffset Until(DateTimeOffset now) => now.AddSeconds(options.Value.LeaseSeconds);
}
