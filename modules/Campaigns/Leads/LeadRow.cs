using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using CsvHelper;

namespace PenguinMails.Campaigns.Leads;

/// <summary>A row that was left out.</summary>
/// <param name="Line">1 is the header.</param>
internal sealed record Refusal(int Line, string? Email, string Reason);

/// <summary>Turns one record of the file after the other into a lead's values. It is one object for all, since there are millions.</summary>
internal sealed class LeadRow(LeadColumns columns, bool isUtf8)
{
    public const int LongestAttribute = 10_000;

    private readonly int _email = columns.Email;
    private readonly int _name = columns.IndexOf("name");
    private readonly int _firstName = columns.IndexOf("first_name");
    private readonly int _lastName = columns.IndexOf("last_name");
    private readonly int _company = columns.IndexOf("company");
    private readonly ArrayBufferWriter<byte> _json = new();

    public string? Email { get; private set; }
    public string? Name { get; private set; }
    public string? FirstName { get; private set; }
    public string? LastName { get; private set; }
    public string? Company { get; private set; }

    /// <summary>A JSON object.</summary>
    public string Attributes { get; private set; } = "{}";

    /// <summary>Reads the record that the reader is at.</summary>
    /// <returns>Why it is left out; null when it is good.</returns>
    public string? Read(CsvReader csv)
    {
        Email = Text(csv, _email);
        if (!Utf8.IsValid(csv.RawRecord) || csv.RawRecord.Contains((byte)0) || (!isUtf8 && csv.RawRecord.IndexOf("\uFFFD"u8) >= 0))
        {
            return "The line is not valid UTF-8.";
        }

        if (Email is null)
        {
            return "The e-mail address is missing.";
        }

        if (EmailAddress.Normalise(Email) is not { } address)
        {
            return "The e-mail address is not valid.";
        }

        (Email, FirstName, LastName, Company) = (address, Text(csv, _firstName), Text(csv, _lastName), Text(csv, _company));
        Name = Text(csv, _name) ?? (FirstName is null ? LastName : LastName is null ? FirstName : $"{FirstName} {LastName}");
        return TooLong() ?? ReadAttributes(csv);
    }

    private static string? Text(CsvReader csv, int index) =>
        index >= 0 && csv.GetString(index).Trim() is { Length: > 0 } value ? value : null;

    private string? TooLong() =>
        Name?.Length > 200 ? "The name is too long."
        : FirstName?.Length > 100 ? "The first name is too long."
        : LastName?.Length > 100 ? "The last name is too long."
        : Company?.Length > 200 ? "The company is too long."
        : null;

    private string? ReadAttributes(CsvReader csv)
    {
        if (columns.Custom.Count == 0)
        {
            return null;
        }

        _json.ResetWrittenCount();
        using var writer = new Utf8JsonWriter(_json);
        writer.WriteStartObject();
        foreach (var (name, index) in columns.Custom)
        {
            if (Text(csv, index) is not { } value)
            {
                continue;
            }

            if (value.Length > LongestAttribute)
            {
                return $"custom.{name} is too long.";
            }

            writer.WriteString(name, value);
        }

        writer.WriteEndObject();
        writer.Flush();
        Attributes = Encoding.UTF8.GetString(_json.WrittenSpan);
        return null;
    }
}
