using DnsClient;
using DnsClient.Protocol;
using Microsoft.Extensions.Options;

namespace PenguinMails.Infrastructure.Domains;

/// <summary>Asks DNS for a domain's records.</summary>
internal sealed class DomainCheck(DnsLookup dns, IOptions<DnsOptions> options, TimeProvider clock)
{
    /// <summary>Checks every record; the caller saves the domain.</summary>
    public async Task RunAsync(Domain domain, CancellationToken ct)
    {
        var found = await Task.WhenAll(domain.DnsRecords.Select(record => CheckAsync(domain.Name, record, ct)));
        domain.Apply(found, clock.GetUtcNow());
    }

    private async Task<DnsRecord> CheckAsync(string domain, DnsRecord record, CancellationToken ct)
    {
        if (options.Value.Trusts(domain))
        {
            return record.Found(DnsStatus.Verified, null, clock.GetUtcNow());
        }

        var name = record.NameIn(domain);
        var answer = await dns.AskAsync(name, record.Type == "MX" ? QueryType.MX : QueryType.TXT, ct);
        if (answer.Fault is not null)
        {
            return record.Found(DnsStatus.Error, answer.Fault, clock.GetUtcNow());
        }

        var fault = Fault(record, name, answer.Records);
        return record.Found(fault is null ? DnsStatus.Verified : DnsStatus.Failed, fault, clock.GetUtcNow());
    }

    private static string? Fault(DnsRecord record, string name, IReadOnlyList<DnsResourceRecord> answers)
    {
        var texts = answers.TxtRecords().Select(text => string.Concat(text.Text).Trim()).ToList();
        return record.Purpose switch
        {
            DnsPurpose.Spf => SpfFault(record, name, texts),
            DnsPurpose.Dkim => DkimFault(record, name, texts),
            DnsPurpose.Dmarc => DmarcFault(name, texts),
            DnsPurpose.Mx => MxFault(record, name, answers),
            _ => throw new InvalidOperationException($"No check for {record.Purpose}."),
        };
    }

    private static string? SpfFault(DnsRecord record, string name, List<string> texts)
    {
        var include = record.Value.Split(' ')[1];
        var policies = texts.Select(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(terms => terms is ["v=spf1", ..]).ToList();
        return policies switch
        {
            [] => $"{name} has no SPF record.",
            [_, _, ..] => $"{name} has {policies.Count} SPF records; receivers then take none (RFC 7208, 4.5).",
            [var terms] when terms.Any(term => term.TrimStart('+').Equals(include, StringComparison.OrdinalIgnoreCase)) => null,
            _ => $"The SPF record of {name} lacks {include}.",
        };
    }

    private static string? DkimFault(DnsRecord record, string name, List<string> texts)
    {
        var keys = texts.Select(text => Tag(text, "p")).Where(key => key is not null).ToList();
        return keys switch
        {
            [] => $"{name} has no DKIM record.",
            [var key] when key == Tag(record.Value, "p") => null,
            [_] => $"The DKIM record of {name} holds another key.",
            _ => $"{name} has more than one DKIM record.",
        };
    }

    private static string? DmarcFault(string name, List<string> texts)
    {
        var policies = texts.Where(text => Tag(text, "v") == "DMARC1").Select(text => Tag(text, "p")).ToList();
        return policies switch
        {
            [] => $"{name} has no DMARC record.",
            ["none" or "quarantine" or "reject"] => null,
            [_] => $"The DMARC record of {name} has no policy (p=none, quarantine or reject).",
            _ => $"{name} has more than one DMARC record.",
        };
    }

    private static string? MxFault(DnsRecord record, string name, IReadOnlyList<DnsResourceRecord> answers)
    {
        var wanted = record.Value.Split(' ')[1];
        var hosts = answers.MxRecords().Select(answer => answer.Exchange.Value.TrimEnd('.')).ToList();
        return hosts switch
        {
            [] => $"{name} has no MX record.",
            _ when hosts.Contains(wanted, StringComparer.OrdinalIgnoreCase) => null,
            _ => $"The MX records of {name} do not name {wanted}.",
        };
    }

    // Of a tag list (RFC 6376, 3.2), where folding may have left spaces in a value.
    private static string? Tag(string text, string tag) => text.Split(';')
        .Select(part => part.Split('=', 2))
        .Where(pair => pair.Length == 2 && pair[0].Trim() == tag)
        .Select(pair => string.Concat(pair[1].Where(letter => !char.IsWhiteSpace(letter))))
        .FirstOrDefault();
}
