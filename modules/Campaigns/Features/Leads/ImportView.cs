using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>An import, and how far it is.</summary>
/// <param name="Progress">Null once it is over.</param>
internal sealed record ImportView(
    Guid Id, string FileName, ImportStatus Status, OnDuplicate OnDuplicate, Guid? ListId, int TotalRows, int Imported, int Updated, int Skipped,
    int Refused, string? Error, DateTimeOffset Created, DateTimeOffset? Completed, ImportProgress? Progress)
{
    public static ImportView Of(LeadImport import, DateTimeOffset now) => new(
        import.Id, import.FileName, import.Status, import.OnDuplicate, import.ListId, import.TotalRows, import.Imported, import.UpdatedRows,
        import.Skipped, import.Refused, import.Error, import.Created, import.Completed, import.IsOver ? null : ImportProgress.Of(import, now));
}

/// <summary>How far a phase of an import is.</summary>
/// <param name="Rows">Read, or merged.</param>
/// <param name="TotalRows">How many there are; while the file arrives nobody knows.</param>
/// <param name="SecondsLeft">Of this phase, at the rate so far; null where that cannot be told.</param>
internal sealed record ImportProgress(int Rows, int? TotalRows, int RowsPerSecond, int? SecondsLeft)
{
    public static ImportProgress Of(LeadImport import, DateTimeOffset now)
    {
        var seconds = Math.Max((now - import.PhaseStarted).TotalSeconds, 0.001);
        var isUploading = import.Status == ImportStatus.Uploading;
        var (rows, of) = isUploading ? (import.TotalRows, (int?)null) : (import.MergedRows, import.StagedRows);
        var (done, all) = isUploading ? (import.BytesRead, import.BytesTotal) : (rows, of);
        return new ImportProgress(
            rows, of, (int)(rows / seconds), done > 0 && all is { } total ? (int)Math.Ceiling(Math.Max(total - done, 0) * seconds / done) : null);
    }
}

/// <summary>What the import came to, as its request is answered.</summary>
/// <param name="Refusals">The first of them; all are in <c>/leads/imports/{id}/refusals.csv</c>.</param>
internal sealed record ImportResult(
    Guid Id, ImportStatus Status, Guid? ListId, int TotalRows, int Imported, int Updated, int Skipped, int Refused, IReadOnlyList<Refusal> Refusals)
{
    // Enough to mend a file by; all are kept.
    private const int MostRefusals = 1000;

    public static async Task<ImportResult> ReadAsync(CampaignsDb db, Guid importId, CancellationToken ct)
    {
        var import = await db.Imports.AsNoTracking().SingleAsync(row => row.Id == importId, ct);
        var refusals = await db.ImportRefusals.Where(row => row.ImportId == importId).OrderBy(row => row.Line).Take(MostRefusals)
            .Select(row => new Refusal(row.Line, row.Email, row.Reason)).ToListAsync(ct);
        return new ImportResult(
            import.Id, import.Status, import.ListId, import.TotalRows, import.Imported, import.UpdatedRows, import.Skipped, import.Refused, refusals);
    }
}
