using System.Net.Mail;
using System.Text.Json;

namespace PenguinMails.Campaigns.Leads;

/// <summary>A row of the file as it goes into staging.</summary>
internal sealed record LeadRow(int Line, string Email, string? Name, string? FirstName, string? LastName, string? Company, string Attributes);

/// <summary>A row that was left out.</summary>
/// <param name="Line">1 is the header.</param>
internal sealed record Refusal(int Line, string? Email, string Reason)
{
    public static IReadOnlyList<Refusal> Parse(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize<List<Refusal>>(json, JsonSerializerOptions.Web) ?? [];
}

/// <summary>Turns the cells of a line into a row, or says why not.</summary>
internal static class LeadRowReader
{
    // What UTF-8 decoding puts where the bytes make no sense.
    private const char Replacement = '\uFFFD';

    public static (LeadRow? Row, string? Refusal) Read(LeadColumns columns, IReadOnlyList<string> cells, int line)
    {
        if (cells.Any(cell => cell.Contains(Replacement) || cell.Contains('\0')))
        {
            return (null, "The line is not valid UTF-8.");
        }

        if (columns.Read(cells, "email")?.ToLowerInvariant() is not { } email)
        {
            return (null, "The e-mail address is missing.");
        }

        if (!IsAddress(email))
        {
            return (null, "The e-mail address is not valid.");
        }

        var (first, last) = (columns.Read(cells, "first_name"), columns.Read(cells, "last_name"));
        var name = columns.Read(cells, "name") ?? (first is null && last is null ? null : $"{first} {last}".Trim());
        var row = new LeadRow(line, email, name, first, last, columns.Read(cells, "company"), Attributes(columns, cells));
        return TooLong(row) is { } field ? (null, $"{field} is too long.") : (row, null);
    }

    private static bool IsAddress(string email) =>
        email.Length <= 254 && MailAddress.TryCreate(email, out var parsed) && parsed.Address == email
        && parsed.Host.Contains('.') && !parsed.Host.EndsWith('.');

    private static string? TooLong(LeadRow row) =>
        row.Name?.Length > 200 ? "The name"
        : row.FirstName?.Length > 100 ? "The first name"
        : row.LastName?.Length > 100 ? "The last name"
        : row.Company?.Length > 200 ? "The company"
        : null;

    private static string Attributes(LeadColumns columns, IReadOnlyList<string> cells)
    {
        if (columns.Custom.Count == 0)
        {
            return "{}";
        }

        var values = columns.Custom.Where(column => column.Index < cells.Count && cells[column.Index].Length > 0)
            .DistinctBy(column => column.Name).ToDictionary(column => column.Name, column => cells[column.Index].Trim());
        return JsonSerializer.Serialize(values);
    }
}
