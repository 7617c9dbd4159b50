namespace PenguinMails.Campaigns.Leads;

/// <summary>Which field of a lead each column of a CSV file fills.</summary>
internal sealed class LeadColumns
{
    private const string CustomPrefix = "custom.";

    private static readonly Dictionary<string, string> Aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["email"] = "email", ["e-mail"] = "email", ["email address"] = "email", ["email_address"] = "email",
        ["name"] = "name", ["full name"] = "name", ["full_name"] = "name",
        ["first_name"] = "first_name", ["first name"] = "first_name", ["firstname"] = "first_name",
        ["last_name"] = "last_name", ["last name"] = "last_name", ["lastname"] = "last_name",
        ["company"] = "company", ["company name"] = "company", ["company_name"] = "company",
    };

    private readonly Dictionary<string, int> _fields = new(StringComparer.Ordinal);

    /// <summary>Name without its prefix, and column.</summary>
    public List<(string Name, int Index)> Custom { get; } = [];

    /// <summary>What is wrong with the header; null when nothing is.</summary>
    public string? Problem { get; private set; }

    public LeadColumns(IReadOnlyList<string> header)
    {
        var unknown = new List<string>();
        for (var index = 0; index < header.Count; index++)
        {
            var name = header[index].Trim();
            if (name.StartsWith(CustomPrefix, StringComparison.OrdinalIgnoreCase) && name.Length > CustomPrefix.Length)
            {
                Custom.Add((name[CustomPrefix.Length..], index));
            }
            else if (!Aliases.TryGetValue(name, out var field))
            {
                unknown.Add(name);
            }
            else if (!_fields.TryAdd(field, index))
            {
                Problem = $"Two columns hold {field}.";
            }
        }

        if (unknown.Count > 0)
        {
            Problem = $"Unknown column {string.Join(", ", unknown.Select(name => $"'{name}'"))}: known are email, name, first_name, "
                + "last_name and company; a custom field is named custom.something.";
        }
        else if (Problem is null && !_fields.ContainsKey("email"))
        {
            Problem = "There is no column 'email'.";
        }
    }

    public string? Read(IReadOnlyList<string> row, string field) =>
        _fields.TryGetValue(field, out var index) && index < row.Count && row[index].Trim() is { Length: > 0 } value ? value : null;
}
