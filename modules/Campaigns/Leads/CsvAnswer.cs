using CsvHelper;
using Microsoft.AspNetCore.Http;

namespace PenguinMails.Campaigns.Leads;

/// <summary>A CSV file that is sent as it is written.</summary>
internal sealed class CsvAnswer : IAsyncDisposable
{
    private readonly CsvWriter _csv;

    private CsvAnswer(CsvWriter csv) => _csv = csv;

    /// <param name="forSpreadsheets">With a byte order mark, and an apostrophe before what a spreadsheet would take for a formula.</param>
    public static CsvAnswer Begin(HttpResponse response, string fileName, bool forSpreadsheets = false)
    {
        response.ContentType = "text/csv; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename={fileName}";
        return new CsvAnswer(CsvWriter.Create(response.Body, new CsvWriterOptions
        {
            WriteByteOrderMark = forSpreadsheets,
            Injection = forSpreadsheets ? CsvInjection.Escape : CsvInjection.None,
        }, leaveOpen: true));
    }

    public ValueTask WriteAsync(IEnumerable<string?> cells, CancellationToken ct)
    {
        foreach (var cell in cells)
        {
            _csv.WriteField(cell);
        }

        return _csv.EndRecordAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _csv.FlushAsync(CancellationToken.None);
        await _csv.DisposeAsync();
    }
}
