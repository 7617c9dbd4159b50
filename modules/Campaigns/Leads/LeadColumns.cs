using System.Text.Json;
using System.Text.RegularExpressions;

namespace PenguinMails.Campaigns.Leads;

/// <summary>What an import does with a column that it does not know and that is not mapped.</summary>
internal enum UnknownColumns
{
    Refuse,
    Custom,
    Ignore,
}

/// <summary>Which field of a lead each column of a CSV file fills.</summary>
internal sealed partial class LeadColumns
{
    public const string CustomPrefix = "custom.";
    public const string Ignore = "ignore";
    public const int LongestCustomName = 100;

    public static readonly IReadOnlyList<string> Fields = ["email", "name", "first_name", "last_name", "company"];

    private static readonly Dictionary<string, string> Aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["email"] = "email", ["e-mail"] = "email", ["email address"] = "email", ["email_address"] = "email",
        ["name"] = "name", ["full name"] = "name", ["full_name"] = "name",
        ["first_name"] = "first_name", ["first name"] = "first_name", ["firstname"] = "first_name",
        ["last_name"] = "last_name", ["last name"] = "last_name", ["lastname"] = "last_name",
        ["company"] = "company", ["company name"] = "company", ["company_name"] = "company",
    };

    private readonly Dictionary<string, int> _fields = new(StringComparer.Ordinal);

    /// <param name="mapping">Column to field, custom.something or ignore; it goes before what a column's name says.</param>
    public LeadColumns(IReadOnlyList<string> header, IReadOnlyDictionary<string, string>? mapping = null, UnknownColumns unknown = default)
    {
        var left = new List<string>();
        // What a list of refused rows begins with: mended, it can be imported as it is.
        var skipped = header is ["line", "reason", ..] ? 2 : 0;
        for (var index = skipped; index < header.Count; index++)
        {
            var name = header[index].Trim();
            if (TargetOf(name, mapping, unknown) is { } target)
            {
                Take(target, index);
            }
            else
            {
                left.Add(name);
            }
        }

        if (left.Count > 0)
        {
            Problem = $"Unknown column {string.Join(", ", left.Select(name => $"'{name}'"))}: known are {string.Join(", ", Fields)}; a custom "
                + "field is named custom.something. Map it (?mapping=), or take all unknown ones as custom fields (?unknown=custom) or not at "
                + "all (?unknown=ignore).";
        }
        else if (Problem is null && Email < 0)
        {
            Problem = "There is no column 'email'.";
        }
    }

    /// <summary>Name without its prefix, and column.</summary>
    public List<(string Name, int Index)> Custom { get; } = [];

    /// <summary>What is wrong with the header; null when nothing is.</summary>
    public string? Problem { get; private set; }

    public int Email => IndexOf("email");

    /// <summary>The column of a field; -1 where none fills it.</summary>
    public int IndexOf(string field) => _fields.GetValueOrDefault(field, -1);

    /// <summary>A mapping as it is sent: a JSON object of column names; null where it is not one.</summary>
    public static IReadOnlyDictionary<string, string>? ParseMapping(string json)
    {
        try
        {
            var given = JsonSerializer.Deserialize<Dictionary<string, string>>(json);
            return given is not null && given.Values.All(IsTarget)
                ? given.DistinctBy(pair => pair.Key.Trim(), StringComparer.OrdinalIgnoreCase)
                    .ToDictionary(pair => pair.Key.Trim(), pair => pair.Value, StringComparer.OrdinalIgnoreCase)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What a column's name alone says; null where it says nothing.</summary>
    public static string? Known(string name) =>
        Aliases.TryGetValue(name, out var field) ? field
        : IsCustom(name) ? CustomPrefix + name[CustomPrefix.Length..]
        : null;

    /// <summary>The custom field that a column of this name would be.</summary>
    public static string CustomFor(string name)
    {
        var word = NoWord().Replace(name.Trim().ToLowerInvariant(), "_").Trim('_');
        return CustomPrefix + (word.Length == 0 ? "column" : word[..Math.Min(word.Length, LongestCustomName)]);
    }

    private static string? TargetOf(string name, IReadOnlyDictionary<string, string>? mapping, UnknownColumns unknown) =>
        mapping?.GetValueOrDefault(name) ?? Known(name) ?? unknown switch
        {
            UnknownColumns.Custom => CustomFor(name),
            UnknownColumns.Ignore => Ignore,
            _ => null,
        };

    private static bool IsTarget(string? target) => target is not null && (target == Ignore || Fields.Contains(target) || IsCustom(target));

    private static bool IsCustom(string name) => name.StartsWith(CustomPrefix, StringComparison.OrdinalIgnoreCase)
        && name.Length > CustomPrefix.Length && name.Length <= CustomPrefix.Length + LongestCustomName;

    private void Take(string target, int index)
    {
        if (target == Ignore)
        {
            return;
        }

        var isNew = IsCustom(target) ? Custom.TrueForAll(column => column.Name != target[CustomPrefix.Length..]) : _fields.TryAdd(target, index);
        if (!isNew)
        {
            Problem = $"Two columns hold {target}.";
        }
        else if (IsCustom(target))
        {
            Custom.Add((target[CustomPrefix.Length..], index));
        }
    }

    [GeneratedRegex(@"[^\w]+")]
    private static partial Regex NoWord();
}
