using System.Text.Json;
using CsvHelper;
using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Leads;

/// <summary>What an import is asked to do.</summary>
/// <param name="List">The list that the leads join; made when there is none of that name. Null: no list.</param>
internal sealed record ImportOrder(string FileName, string? List, bool Update, string? IdempotencyKey);

/// <summary>The outcome, or the reason why nothing was written.</summary>
internal sealed record ImportResult(LeadImport? Import, IReadOnlyList<Refusal> Refusals, string? Field, string? Problem)
{
    public static ImportResult No(string field, string problem) => new(null, [], field, problem);
}

/// <summary>Reads a CSV file as it arrives and imports it in one transaction: all good rows, or nothing.</summary>
internal sealed class LeadImporter(CampaignsDb db, TenantScope scope, ISender modules, TimeProvider clock)
{
    // Enough to mend a file by; all are counted.
    private const int MostRefusals = 1000;

    // The separator (comma, semicolon, tab or bar) and a byte order mark are found by the reader.
    private static readonly CsvReaderOptions Format = new()
    {
        HasHeader = false,
        TrackLineNumbers = true,
        MaxRecordSize = 1024 * 1024,
        OnMalformedRecord = RefuseUnclosedQuote,
    };

    public async Task<ImportResult> ImportAsync(Stream file, ImportOrder order, CancellationToken ct)
    {
        await using var csv = CsvReader.Create(file, Format, leaveOpen: true);
        try
        {
            return await csv.ReadAsync(ct) ? await ImportAsync(csv, order, ct) : ImportResult.No("file", "The file is empty.");
        }
        catch (CsvFormatException exception)
        {
            return ImportResult.No("file", $"Line {exception.LineNumber}: {exception.Message}");
        }
        catch (InvalidDataException exception)
        {
            return ImportResult.No("file", exception.Message);
        }
    }

    // The reader mends what it can; this would make the rest of the file one cell.
    private static void RefuseUnclosedQuote(CsvMalformedRecord record)
    {
        if (record.Reason == CsvMalformedReason.UnterminatedQuote)
        {
            throw new InvalidDataException($"Line {record.LineNumber}: a quote is opened and never closed.");
        }
    }

    private async Task<ImportResult> ImportAsync(CsvReader csv, ImportOrder order, CancellationToken ct)
    {
        var columns = new LeadColumns(Cells(csv));
        if (columns.Problem is { } problem)
        {
            return ImportResult.No("columns", problem);
        }

        await using var transaction = await TenantTransaction.BeginAsync(db, ct);
        var staging = new LeadStaging(transaction, scope.RequiredTenantId);
        var (total, refused, refusals) = await CopyAsync(csv, columns, staging, ct);
        var duplicates = await staging.DuplicatesAsync(MostRefusals, ct);
        var merged = await staging.MergeAsync(order.Update, ct);
        if (await modules.Send(new RequireAllowance(PlanLimit.Contacts, await staging.CountLeadsAsync(ct)), ct) is { } refusal)
        {
            return ImportResult.No("file", refusal.Message);
        }

        var report = refusals.Concat(duplicates).OrderBy(row => row.Line).Take(MostRefusals).ToList();
        var repeated = total - refused - merged.Imported - merged.Updated - merged.Skipped;
        var import = await RecordAsync(order, staging, merged, total, refused + repeated, report, ct);
        await transaction.CommitAsync(ct);
        return new ImportResult(import, report, null, null);
    }

    private static async Task<(int Total, int Refused, List<Refusal> Refusals)> CopyAsync(
        CsvReader csv, LeadColumns columns, LeadStaging staging, CancellationToken ct)
    {
        var (total, refused, refusals) = (0, 0, new List<Refusal>());
        await using var copy = await staging.BeginCopyAsync(ct);
        while (await csv.ReadAsync(ct))
        {
            total++;
            var (cells, line) = (Cells(csv), (int)csv.LineNumber);
            var (row, refusal) = LeadRowReader.Read(columns, cells, line);
            if (row is not null)
            {
                await LeadStaging.WriteAsync(copy, row, ct);
                continue;
            }

            refused++;
            if (refusals.Count < MostRefusals)
            {
                refusals.Add(new Refusal(line, columns.Read(cells, "email"), refusal!));
            }
        }

        await copy.CompleteAsync(ct);
        return (total, refused, refusals);
    }

    private static string[] Cells(CsvReader csv)
    {
        var cells = new string[csv.FieldCount];
        for (var index = 0; index < cells.Length; index++)
        {
            cells[index] = csv.GetString(index);
        }

        return cells;
    }

    private async Task<LeadImport> RecordAsync(
        ImportOrder order, LeadStaging staging, StagingResult merged, int total, int refused, List<Refusal> report, CancellationToken ct)
    {
        var list = order.List is null ? null : await ListAsync(order.List, ct);
        var import = new LeadImport
        {
            Id = Guid.CreateVersion7(),
            TenantId = scope.RequiredTenantId,
            ListId = list?.Id,
            FileName = order.FileName,
            Status = ImportStatus.Completed,
            TotalRows = total,
            Imported = merged.Imported,
            UpdatedRows = merged.Updated,
            Skipped = merged.Skipped,
            Refused = refused,
            Refusals = JsonSerializer.Serialize(report, JsonSerializerOptions.Web),
            IdempotencyKey = order.IdempotencyKey,
            CreatedBy = scope.UserId,
            Completed = clock.GetUtcNow(),
        };
        db.Imports.Add(import);
        await db.SaveChangesAsync(ct);
        if (list is not null)
        {
            await staging.AddToListAsync(list.Id, ct);
        }

        return import;
    }

    private async Task<LeadList> ListAsync(string name, CancellationToken ct)
    {
        // Two uploads at once may both want to make it.
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO lead_lists (id, tenant_id, name) VALUES ({Guid.CreateVersion7()}, {scope.RequiredTenantId}, {name})
            ON CONFLICT DO NOTHING
            """, ct);
        return await db.Lists.SingleAsync(list => list.Name.ToLower() == name.ToLower(), ct);
    }
}
