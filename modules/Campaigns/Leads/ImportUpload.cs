using CsvHelper;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Database;

namespace PenguinMails.Campaigns.Leads;

/// <summary>What was read of a file.</summary>
internal sealed record UploadCounts(int Total, int Refused, bool HasInternational);

/// <summary>Why a file cannot be imported.</summary>
internal sealed record UploadProblem(string Field, string Message);

/// <summary>
/// The first phase: the file is copied, as it arrives, into a table of this transaction alone, and leaves it for the staging table in
/// the order of addresses. PostgreSQL lets nobody COPY into a table with row-level security, so the first is a temporary one.
/// </summary>
internal sealed class ImportUpload(CampaignsDb db, TimeProvider clock)
{
    // A sort of a million rows in few passes; the server's own default is for small ones.
    private const string Begin = """
        SET LOCAL work_mem = '64MB';
        CREATE TEMPORARY TABLE lead_upload (
            line integer, email text COLLATE "C", name text, first_name text, last_name text, company text, attributes jsonb,
            reason text, cells text[]) ON COMMIT DROP
        """;

    private const string Stage = """
        INSERT INTO lead_import_rows (tenant_id, import_id, seq, line, first_line, email, name, first_name, last_name, company, attributes)
        SELECT $1, $2, row_number() OVER (ORDER BY email, line), line, first_value(line) OVER (PARTITION BY email ORDER BY line),
            email, name, first_name, last_name, company, attributes
        FROM lead_upload WHERE reason IS NULL
        """;

    private const string Refuse = """
        INSERT INTO lead_import_refusals (tenant_id, import_id, line, email, reason, cells)
        SELECT $1, $2, line, email, reason, cells FROM lead_upload WHERE reason IS NOT NULL
        """;

    /// <summary>Reads the file to its end. It then waits to be merged, whatever becomes of this host.</summary>
    /// <returns>Null, or why nothing was kept.</returns>
    public async Task<UploadProblem?> RunAsync(
        Stream body, string fileName, Func<IReadOnlyList<string>, LeadColumns> choose, ImportLease lease)
    {
        var counted = new CountingStream(body);
        await using var file = await LeadFile.OpenAsync(counted, lease.Token);
        try
        {
            if (!await file.Csv.ReadAsync(lease.Token))
            {
                return new UploadProblem("file", "The file is empty.");
            }

            var header = file.Cells();
            var columns = choose(header);
            if (columns.Problem is { } problem)
            {
                return new UploadProblem("columns", problem);
            }

            await StageAsync(file, fileName, header, columns, counted, lease);
            return null;
        }
        catch (CsvFormatException exception)
        {
            return new UploadProblem("file", $"Line {exception.LineNumber}: {exception.Message}");
        }
        catch (InvalidDataException exception)
        {
            return new UploadProblem("file", exception.Message);
        }
    }

    private async Task StageAsync(
        LeadFile file, string fileName, string[] header, LeadColumns columns, CountingStream counted, ImportLease lease)
    {
        var ct = lease.Token;
        await using var transaction = await TenantTransaction.BeginAsync(db, ct);
        await ExecuteAsync(transaction, Begin, ct);
        var counts = await CopyAsync(transaction, file, columns, counted, lease);
        if (counts.HasInternational)
        {
            // PostgreSQL has the last word on what is lower case, for it compares.
            await ExecuteAsync(transaction, "UPDATE lead_upload SET email = lower(email COLLATE \"default\") WHERE octet_length(email) <> char_length(email)", ct);
        }

        // What an earlier attempt of the same key left.
        await ExecuteAsync(transaction, "DELETE FROM lead_import_rows WHERE tenant_id = $1 AND import_id = $2", ct, lease.TenantId, lease.ImportId);
        await ExecuteAsync(transaction, "DELETE FROM lead_import_refusals WHERE tenant_id = $1 AND import_id = $2", ct, lease.TenantId, lease.ImportId);
        var staged = await ExecuteAsync(transaction, Stage, ct, lease.TenantId, lease.ImportId);
        await ExecuteAsync(transaction, Refuse, ct, lease.TenantId, lease.ImportId);
        var now = clock.GetUtcNow();
        var kept = await db.Imports.Where(row => row.Id == lease.ImportId && row.LeaseOwner == lease.Owner && row.Status == ImportStatus.Uploading)
            .ExecuteUpdateAsync(row => row
                .SetProperty(import => import.Status, ImportStatus.Running)
                .SetProperty(import => import.FileName, fileName)
                .SetProperty(import => import.Columns, header)
                .SetProperty(import => import.TotalRows, counts.Total)
                .SetProperty(import => import.Refused, counts.Refused)
                .SetProperty(import => import.StagedRows, staged)
                .SetProperty(import => import.MergedRows, 0)
                .SetProperty(import => import.BytesRead, counted.Count)
                .SetProperty(import => import.PhaseStarted, now), ct);
        if (kept == 0)
        {
            throw new OperationCanceledException("The import was canceled.");
        }

        await transaction.CommitAsync(ct);
    }

    private static async Task<UploadCounts> CopyAsync(
        TenantTransaction transaction, LeadFile file, LeadColumns columns, CountingStream counted, ImportLease lease)
    {
        var (total, refused, international) = (0, 0, false);
        var row = new LeadRow(columns, file.Encoding is System.Text.UTF8Encoding);
        await using var copy = await transaction.Connection.BeginBinaryImportAsync(
            "COPY lead_upload (line, email, name, first_name, last_name, company, attributes, reason, cells) FROM STDIN (FORMAT binary)", lease.Token);
        copy.Timeout = TimeSpan.Zero;
        while (await file.Csv.ReadAsync(lease.Token))
        {
            total++;
            var reason = row.Read(file.Csv);
            refused += reason is null ? 0 : 1;
            international |= reason is null && !System.Text.Ascii.IsValid(row.Email);
            Write(copy, row, (int)file.Csv.LineNumber, reason, reason is null ? null : Storable(file.Cells()));
            if (total % 1000 == 0)
            {
                lease.Token.ThrowIfCancellationRequested();
                lease.Uploaded(total, counted.Count);
            }
        }

        await copy.CompleteAsync(lease.Token);
        return new UploadCounts(total, refused, international);
    }

    // Npgsql buffers: most of these calls only copy bytes, and a million awaits for each column would cost more than the rest.
    private static void Write(NpgsqlBinaryImporter copy, LeadRow row, int line, string? reason, string[]? cells)
    {
        copy.StartRow();
        copy.Write(line, NpgsqlDbType.Integer);
        WriteText(copy, reason is null ? row.Email : Storable(row.Email));
        WriteText(copy, reason is null ? row.Name : null);
        WriteText(copy, reason is null ? row.FirstName : null);
        WriteText(copy, reason is null ? row.LastName : null);
        WriteText(copy, reason is null ? row.Company : null);
        copy.Write(reason is null ? row.Attributes : "{}", NpgsqlDbType.Jsonb);
        WriteText(copy, reason);
        if (cells is null)
        {
            copy.WriteNull();
        }
        else
        {
            copy.Write(cells, NpgsqlDbType.Array | NpgsqlDbType.Text);
        }
    }

    private static void WriteText(NpgsqlBinaryImporter copy, string? text)
    {
        if (text is null)
        {
            copy.WriteNull();
        }
        else
        {
            copy.Write(text, NpgsqlDbType.Text);
        }
    }

    private static string[] Storable(string[] cells) => Array.ConvertAll(cells, cell => Storable(cell)!);

    private static string? Storable(string? text) => text?.Replace('\0', '\uFFFD');

    private static async Task<int> ExecuteAsync(TenantTransaction transaction, string sql, CancellationToken ct, params Guid[] values)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection) { CommandTimeout = 0 };
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        return await command.ExecuteNonQueryAsync(ct);
    }
}
