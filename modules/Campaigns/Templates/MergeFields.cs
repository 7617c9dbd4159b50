using System.Text.Json;

namespace PenguinMails.Campaigns.Templates;

/// <summary>The values that a template is filled with.</summary>
internal sealed record MergeFields(IReadOnlyDictionary<string, string?> Values, IReadOnlyDictionary<string, string> Custom)
{
    /// <summary>Of a lead of whom only the address is known.</summary>
    public static readonly MergeFields None = new(LiquidTemplates.Variables.ToDictionary(name => name, string? (_) => null), new Dictionary<string, string>());

    /// <summary>As long as the longest that a lead can have.</summary>
    public static readonly MergeFields Longest = new(
        LiquidTemplates.Variables.ToDictionary(name => name, string? (_) => new string('x', 255)), new Dictionary<string, string>());

    /// <summary>A link that unsubscribes nobody.</summary>
    public const string SampleLink = "https://example.com/unsubscribe";

    /// <summary>Of a lead that anybody sees is none.</summary>
    /// <param name="custom">Names such as <c>custom.city</c>: their values are <c>[city]</c>.</param>
    public static MergeFields Sample(IEnumerable<string> custom) => new(
        new Dictionary<string, string?>
        {
            ["first_name"] = "Jane",
            ["last_name"] = "Sample",
            ["name"] = "Jane Sample",
            ["email"] = "jane.sample@example.com",
            ["company"] = "Sample Company",
            ["sender_name"] = "[sender_name]",
            ["sender_email"] = "sender@example.com",
            ["unsubscribe_url"] = SampleLink,
        },
        custom.Distinct().Select(name => name["custom.".Length..]).ToDictionary(name => name, name => $"[{name}]"));

    public static MergeFields Of(Lead lead, string? senderName, string senderEmail, string unsubscribeUrl) => new(
        new Dictionary<string, string?>
        {
            // A full name alone still gives a first name to greet with.
            ["first_name"] = lead.FirstName ?? lead.Name?.Split(' ', 2)[0],
            ["last_name"] = lead.LastName ?? (lead.Name?.Split(' ', 2) is [_, var last] ? last : null),
            ["name"] = lead.Name,
            ["email"] = lead.Email,
            ["company"] = lead.Company,
            ["sender_name"] = senderName,
            ["sender_email"] = senderEmail,
            ["unsubscribe_url"] = unsubscribeUrl,
        },
        JsonSerializer.Deserialize<Dictionary<string, string>>(lead.Attributes) ?? []);

    /// <summary>With these values in place of its own, by variable.</summary>
    public MergeFields With(IReadOnlyDictionary<string, string>? values)
    {
        var (fields, custom) = (Values.ToDictionary(), Custom.ToDictionary());
        foreach (var (name, value) in values ?? new Dictionary<string, string>())
        {
            if (name.StartsWith("custom.", StringComparison.Ordinal))
            {
                custom[name["custom.".Length..]] = value;
            }
            else
            {
                fields[name] = value;
            }
        }

        return new MergeFields(fields, custom);
    }

    /// <summary>Whether a variable or <c>custom.something</c> has a value.</summary>
    public bool Has(string value) => !string.IsNullOrEmpty(ValueOf(value));

    /// <summary>The value of a variable or <c>custom.something</c>; null for none.</summary>
    public string? ValueOf(string value) => value.StartsWith("custom.", StringComparison.Ordinal)
        ? Custom.GetValueOrDefault(value["custom.".Length..])
        : Values.GetValueOrDefault(value);
}
