using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Leads;

/// <summary>Why an import failed, for people.</summary>
/// <param name="Refusal">Where it was the plan.</param>
internal sealed record ImportFault(string Message, PlanRefusal? Refusal = null);

/// <summary>
/// The second phase: the staged rows become leads, in one transaction, by set and under the tenant's own policies: all of them, or
/// nothing. Killed in its midst it begins anew, on whichever host.
/// </summary>
internal sealed class ImportMerge(CampaignsDb db, ImportClaims claims, ISender modules, IOptions<ImportOptions> options, TimeProvider clock)
{
    /// <returns>Null, or why the import failed.</returns>
    public async Task<ImportFault?> RunAsync(ImportLease lease)
    {
        var import = await db.Imports.AsNoTracking().SingleAsync(row => row.Id == lease.ImportId, lease.Token);
        var fault = await MergeAsync(import, lease);
        if (fault is not null)
        {
            await claims.FailAsync(lease, fault.Message, lease.Token);
        }

        return fault;
    }

    private async Task<ImportFault?> MergeAsync(LeadImport import, ImportLease lease)
    {
        var ct = lease.Token;
        var allowance = await modules.Send(new RequireAllowance(PlanLimit.Contacts), ct);
        await using var transaction = await TenantTransaction.BeginAsync(db, ct);
        var rows = new StagedRows(transaction.Connection, import);
        // One after the other: nobody waits for the other's rows.
        db.Database.SetCommandTimeout(TimeSpan.Zero);
        await db.LockAsync($"lead_imports:{import.TenantId}", ct);
        var staged = await rows.CountAsync(ct);
        if (staged.Rows != import.StagedRows)
        {
            return new ImportFault("The uploaded rows were lost in a crash of the database server: send the file again.");
        }

        var addresses = staged.Addresses - await rows.SuppressAsync(options.Value.ChunkRows, ct);
        var makes = import.OnDuplicate != OnDuplicate.ListOnly;
        if (makes && allowance.Refuse(0, addresses) is { } early)
        {
            return new ImportFault(early.Message, early with { Used = await db.Leads.LongCountAsync(ct) });
        }

        var imported = makes ? await rows.InsertAsync(options.Value.ChunkRows, lease.Merged, ct) : 0;
        // Last, for leads that are there are locked from here on, and somebody may write to them.
        await (import.OnDuplicate == OnDuplicate.Update ? rows.UpdateAsync(ct) : Task.CompletedTask);
        var listId = import.ListName is null ? (Guid?)null : await ListAsync(import.TenantId, import.ListName, ct);
        await (listId is { } list ? rows.AddToListAsync(list, ct) : Task.CompletedTask);
        var known = makes ? addresses - imported : await rows.CountKnownAsync(ct);
        await rows.RefuseAsync(ct);
        // Whoever adds a lead meanwhile is counted, and waits no longer than for the commit.
        await db.LockContactsAsync(import.TenantId, ct);
        if (imported > 0 && allowance.Refuse(await db.Leads.LongCountAsync(ct) - imported, imported) is { } refusal)
        {
            return new ImportFault(refusal.Message, refusal);
        }

        return await FinishAsync(import, lease, transaction, listId, imported, known, ct);
    }

    private async Task<ImportFault?> FinishAsync(
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
        Telemetry.ImportedRows.Add(imported + known);
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
