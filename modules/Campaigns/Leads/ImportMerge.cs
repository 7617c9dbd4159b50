using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Leads;

/// <summary>
/// The second phase: the staged rows become leads, in one transaction, by set and under the tenant's own policies: all of them, or
/// nothing. Killed in its midst it begins anew, on whichever host.
/// </summary>
internal sealed class ImportMerge(CampaignsDb db, ImportClaims claims, ISender modules, IOptions<ImportOptions> options, TimeProvider clock)
{
    /// <returns>Null, or why the import failed.</returns>
    public async Task<string?> RunAsync(ImportLease lease)
    {
        var import = await db.Imports.AsNoTracking().SingleAsync(row => row.Id == lease.ImportId, lease.Token);
        var error = await MergeAsync(import, lease);
        if (error is not null)
        {
            await claims.FailAsync(lease, error, lease.Token);
        }

        return error;
    }

    private async Task<string?> MergeAsync(LeadImport import, ImportLease lease)
    {
        var ct = lease.Token;
        await using var transaction = await TenantTransaction.BeginAsync(db, ct);
        var rows = new StagedRows(transaction.Connection, import);
        // One after the other: what the plan still allows is counted once, and nobody waits for the other's rows.
        db.Database.SetCommandTimeout(TimeSpan.Zero);
        await db.LockAsync($"lead_imports:{import.TenantId}", ct);
        var staged = await rows.CountAsync(ct);
        if (staged.Rows != import.StagedRows)
        {
            return "The uploaded rows were lost in a crash of the database server: send the file again.";
        }

        var addresses = staged.Addresses - await rows.SuppressAsync(options.Value.ChunkRows, ct);
        var makes = import.OnDuplicate != OnDuplicate.ListOnly;
        if (makes && await RefusalAsync(addresses, ct) is { } early)
        {
            return early;
        }

        var imported = makes ? await rows.InsertAsync(options.Value.ChunkRows, lease.Merged, ct) : 0;
        if (imported > 0 && await RefusalAsync(await db.Leads.LongCountAsync(ct), ct) is { } late)
        {
            return late;
        }

        // Last, for leads that are there are locked from here on, and somebody may write to them.
        await (import.OnDuplicate == OnDuplicate.Update ? rows.UpdateAsync(ct) : Task.CompletedTask);
        var listId = import.ListName is null ? (Guid?)null : await ListAsync(import.TenantId, import.ListName, ct);
        await (listId is { } list ? rows.AddToListAsync(list, ct) : Task.CompletedTask);
        var known = makes ? addresses - imported : await rows.CountKnownAsync(ct);
        await rows.RefuseAsync(ct);
        return await FinishAsync(import, lease, transaction, listId, imported, known, ct);
    }

    private async Task<string?> RefusalAsync(long total, CancellationToken ct) =>
        (await modules.Send(new RequireAllowance(PlanLimit.Contacts, total), ct))?.Message;

    private async Task<string?> FinishAsync(
        LeadImport import, ImportLease lease, TenantTransaction transaction, Guid? listId, int imported, int known, CancellationToken ct)
    {
        var updated = import.OnDuplicate == OnDuplicate.Update ? known : 0;
        var finished = await db.Imports.Where(row => row.Id == import.Id && row.LeaseOwner == lease.Owner && row.Status == ImportStatus.Running)
            .ExecuteUpdateAsync(row => row
                .SetProperty(done => done.Status, ImportStatus.Completed)
                .SetProperty(done => done.ListId, listId)
                .SetProperty(done => done.MergedRows, import.StagedRows)
                .SetProperty(done => done.Imported, imported)
                .SetProperty(done => done.UpdatedRows, updated)
                .SetProperty(done => done.Skipped, known - updated)
                .SetProperty(done => done.Refused, done => done.TotalRows - imported - known)
                .SetProperty(done => done.Completed, clock.GetUtcNow()), ct);
        if (finished == 0)
        {
            throw new OperationCanceledException("The import was canceled, or another host has taken it over.");
        }

        await transaction.CommitAsync(ct);
        return null;
    }

    private async Task<Guid> ListAsync(Guid tenantId, string name, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO lead_lists (id, tenant_id, name) VALUES ({Guid.CreateVersion7()}, {tenantId}, {name}) ON CONFLICT DO NOTHING
            """, ct);
        return await db.Lists.Where(list => list.Name.ToLower() == name.ToLower()).Select(list => list.Id).SingleAsync(ct);
    }
}
