using CsvHelper;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;

namespace PenguinMails.Campaigns.Features.Suppressions;

/// <summary>
/// A file of addresses, suppressed as it is read, so many rows at a time. What was read before a fault stays suppressed: better nobody
/// is written to by mistake than somebody.
/// </summary>
internal sealed class SuppressionFile(CampaignsDb db, Guid tenantId, SuppressionOrder order, TimeProvider clock)
{
    public const int MostRows = 1_000_000;

    private const int RowsAtOnce = 10_000;
    private const int MostRefusals = 1000;

    private readonly List<string> _addresses = new(RowsAtOnce);
    private readonly List<Refusal> _refusals = [];
    private (int Rows, int Added, int Refused, int Exited) _counts;

    /// <param name="Added">Addresses that were not suppressed in this scope before.</param>
    /// <param name="Known">Those that were, and repeated ones.</param>
    /// <param name="Refusals">Lines that hold no address; the first thousand.</param>
    /// <param name="Exited">How many ways through campaigns ended.</param>
    internal sealed record Result(int Rows, int Added, int Known, int Refused, int Exited, IReadOnlyList<Refusal> Refusals);

    public Result Outcome => new(
        _counts.Rows, _counts.Added, _counts.Rows - _counts.Added - _counts.Refused, _counts.Refused, _counts.Exited, _refusals);

    /// <returns>Why it ended before the file did; null when all was read.</returns>
    public async Task<UploadProblem?> ReadAsync(Stream body, CancellationToken ct)
    {
        await using var file = await LeadFile.OpenAsync(body, ct);
        try
        {
            return await ReadAsync(file, ct);
        }
        catch (CsvFormatException exception)
        {
            return await StopAsync($"Line {exception.LineNumber}: {exception.Message}", ct);
        }
        catch (InvalidDataException exception)
        {
            return await StopAsync(exception.Message, ct);
        }
    }

    private async Task<UploadProblem?> ReadAsync(LeadFile file, CancellationToken ct)
    {
        if (!await file.Csv.ReadAsync(ct))
        {
            return new UploadProblem("file", "The file is empty.");
        }

        // Without a header the first line holds an address already.
        var first = file.Cells();
        var column = Array.FindIndex(first, cell => EmailAddress.Normalise(cell.Trim()) is not null);
        var hasHeader = column < 0;
        if (hasHeader && (column = Array.FindIndex(first, cell => LeadColumns.Known(cell.Trim()) == "email")) < 0)
        {
            return new UploadProblem("file", "There is neither a column 'email' nor an address in the first line.");
        }

        for (var isThere = !hasHeader || await file.Csv.ReadAsync(ct); isThere; isThere = await file.Csv.ReadAsync(ct))
        {
            if (_counts.Rows == MostRows)
            {
                return await StopAsync($"A file has at most {MostRows} rows.", ct);
            }

            await TakeAsync(column < file.Csv.FieldCount ? file.Csv.GetString(column).Trim() : "", (int)file.Csv.LineNumber, ct);
        }

        await SuppressAsync(ct);
        return null;
    }

    private async Task TakeAsync(string cell, int line, CancellationToken ct)
    {
        _counts.Rows++;
        if (EmailAddress.Normalise(cell) is { } address)
        {
            _addresses.Add(address);
        }
        else
        {
            _counts.Refused++;
            if (_refusals.Count < MostRefusals)
            {
                _refusals.Add(new Refusal(line, cell.Length <= 254 ? cell : cell[..254], cell.Length == 0 ? "The e-mail address is missing." : "The e-mail address is not valid."));
            }
        }

        if (_addresses.Count == RowsAtOnce)
        {
            await SuppressAsync(ct);
        }
    }

    private async Task<UploadProblem> StopAsync(string message, CancellationToken ct)
    {
        await SuppressAsync(ct);
        return new UploadProblem("file", $"{message} The {_counts.Rows} rows before are suppressed.");
    }

    private async Task SuppressAsync(CancellationToken ct)
    {
        if (_addresses.Count == 0)
        {
            return;
        }

        var counts = await Suppression.AddAllAsync(db, tenantId, _addresses, order, clock.GetUtcNow(), ct);
        (_counts.Added, _counts.Exited) = (_counts.Added + counts.Added, _counts.Exited + counts.Exited);
        _addresses.Clear();
    }
}
