using DnsClient;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Domains;

namespace PenguinMails.Infrastructure.Blocklists;

/// <summary>Asks blocklists, over a resolver that may be another than everybody's.</summary>
internal sealed class BlocklistLookup(IOptions<BlocklistOptions> options, IOptions<DnsOptions> dns)
{
    private const int LongestName = 253;

    private readonly DnsLookup _dns = new(Options.Create(dns.Value with { Resolver = options.Value.Resolver ?? dns.Value.Resolver }));

    /// <summary>What a list says of an address or a domain.</summary>
    public async Task<Verdict> AskAsync(Blocklist list, string subject, CancellationToken ct)
    {
        var name = list.NameOf(subject);
        if (name.Length > LongestName)
        {
            return Verdict.Unknown($"{name} is too long to be asked for.");
        }

        var answer = await _dns.AskAsync(name, QueryType.A, ct);
        return answer.Fault is { } fault ? Verdict.Unknown(fault) : list.Read([.. answer.Records.ARecords().Select(record => record.Address)]);
    }

    /// <summary>Whether a list lists what each must, and nothing that none may (RFC 5782, 5).</summary>
    /// <returns>Why it is not to be trusted; null where it is.</returns>
    public async Task<string?> SelfTestAsync(Blocklist list, CancellationToken ct)
    {
        var (listed, unlisted) = list.TestPoints;
        var (yes, no) = (await AskAsync(list, listed, ct), await AskAsync(list, unlisted, ct));
        return yes.Fault ?? no.Fault
            ?? (yes.IsListed is not true ? $"{list.Zone} does not list {listed}, which each list has."
                : no.IsListed is not false ? $"{list.Zone} lists {unlisted}, which no list may."
                : null);
    }
}
