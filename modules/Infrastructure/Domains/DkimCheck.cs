using DnsClient;

namespace PenguinMails.Infrastructure.Domains;

/// <summary>Compares a published DKIM key with ours by its tags (RFC 6376, 3.6.1): how it is written down does not matter.</summary>
internal sealed class DkimCheck(DnsLookup dns)
{
    public async Task<DnsFinding> RunAsync(string name, string value, CancellationToken ct)
    {
        var answer = await dns.AskAsync(name, QueryType.TXT, ct);
        if (answer.Fault is not null)
        {
            return DnsFinding.Unknown(answer.Fault);
        }

        // Others may have texts of their own at this name, through a wildcard.
        var keys = answer.Texts.Where(text => TagList.Parse(text)["p"] is not null).ToList();
        return keys switch
        {
            [] => DnsFinding.Wrong($"{name} has no DKIM record."),
            [var text] => Fault(name, TagList.Parse(text), TagList.Parse(value)) is { } fault ? DnsFinding.Wrong(fault, text) : DnsFinding.Right(text),
            _ => DnsFinding.Wrong($"{name} has {keys.Count} DKIM records; receivers may take any of them.", keys[0]),
        };
    }

    private static string? Fault(string name, TagList found, TagList wanted) => found switch
    {
        _ when found["v"] is not null && !found.Begins("DKIM1") => $"The DKIM record of {name} must begin with v=DKIM1.",
        _ when found["p"] == "" => $"The DKIM record of {name} says that the key is revoked (p= is empty).",
        _ when (found["k"] ?? "rsa") != "rsa" || found["p"] != wanted["p"] => $"The DKIM record of {name} holds another key.",
        _ when found.List("h") is { } hashes && !hashes.Contains("sha256") => $"The DKIM record of {name} does not allow SHA-256 (h={found["h"]}).",
        _ when found.List("s") is { } services && !services.Contains("*") && !services.Contains("email") =>
            $"The DKIM record of {name} is not for e-mail (s={found["s"]}).",
        _ => null,
    };
}
