using System.Text.Json;

namespace PenguinMails.Campaigns.Templates;

/// <summary>The values that a template is filled with.</summary>
internal sealed record MergeFields(IReadOnlyDictionary<string, string?> Values, IReadOnlyDictionary<string, string> Custom)
{
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
}
