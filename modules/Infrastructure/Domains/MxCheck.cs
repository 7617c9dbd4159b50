using DnsClient;
using DnsClient.Protocol;

namespace PenguinMails.Infrastructure.Domains;

/// <summary>
/// Replies and bounces must reach somebody: of a domain whose mail the platform hosts, the platform; of any other, a server that can be found.
/// </summary>
internal sealed class MxCheck(DnsLookup dns)
{
    private const int MostHosts = 10;

    /// <param name="exchanger">The host that the records must name first; null: any.</param>
    public async Task<DnsFinding> RunAsync(string domain, string? exchanger, CancellationToken ct)
    {
        var answer = await dns.AskAsync(domain, QueryType.MX, ct);
        if (answer.Fault is not null)
        {
            return DnsFinding.Unknown(answer.Fault);
        }

        var records = answer.Records.MxRecords().OrderBy(record => record.Preference).ToList();
        var hosts = records.Select(record => record.Exchange.Value.TrimEnd('.').ToLowerInvariant()).ToList();
        var found = string.Join(", ", records.Select(record => $"{record.Preference} {record.Exchange.Value}"));
        return (hosts, exchanger) switch
        {
            ([], _) => DnsFinding.Wrong($"{domain} has no MX record."),
            ([""], _) => DnsFinding.Wrong($"The MX record of {domain} says that it takes no mail (RFC 7505).", found),
            (_, null) => await ReachableAsync(domain, hosts, found, ct),
            _ when records.Zip(hosts).Any(pair => IsFirst(pair.First) && pair.Second.Equals(exchanger, StringComparison.OrdinalIgnoreCase)) =>
                DnsFinding.Right(found),
            _ when hosts.Contains(exchanger, StringComparer.OrdinalIgnoreCase) =>
                DnsFinding.Wrong($"The MX records of {domain} name {exchanger} after others, which get its mail.", found),
            _ => DnsFinding.Wrong($"The MX records of {domain} do not name {exchanger}.", found),
        };

        bool IsFirst(MxRecord record) => record.Preference == records[0].Preference;
    }

    // One server that can be found is enough.
    private async Task<DnsFinding> ReachableAsync(string domain, IReadOnlyList<string> hosts, string found, CancellationToken ct)
    {
        string? fault = null;
        foreach (var (host, type) in hosts.Take(MostHosts).SelectMany(host => new[] { (host, QueryType.A), (host, QueryType.AAAA) }))
        {
            var answer = await dns.AskAsync(host, type, ct);
            if (answer.Records.AddressRecords().Any())
            {
                return DnsFinding.Right(found);
            }

            fault ??= answer.Fault;
        }

        return fault is null
            ? DnsFinding.Wrong($"No server that the MX records of {domain} name has an address: {string.Join(", ", hosts)}.", found)
            : DnsFinding.Unknown(fault);
    }
}
