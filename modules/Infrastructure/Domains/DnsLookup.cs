using DnsClient;
using DnsClient.Protocol;
using Microsoft.Extensions.Options;

namespace PenguinMails.Infrastructure.Domains;

/// <summary>What DNS said to one question.</summary>
/// <param name="Records">Of the type that was asked for, and the CNAMEs on the way; empty where there are none.</param>
/// <param name="Exists">False: the name does not exist (NXDOMAIN).</param>
/// <param name="Fault">For people: why nothing is known (SERVFAIL, refused, no answer in time); null when DNS answered.</param>
internal sealed record DnsAnswer(IReadOnlyList<DnsResourceRecord> Records, bool Exists, string? Fault)
{
    /// <summary>The TXT records, the strings of each put together.</summary>
    public IReadOnlyList<string> Texts => [.. Records.TxtRecords().Select(text => string.Concat(text.Text))];
}

/// <summary>Asks DNS, uncached: who has just published a record wants to see it.</summary>
internal sealed class DnsLookup(IOptions<DnsOptions> options)
{
    private readonly LookupClient _dns = Client(options.Value);

    /// <summary>Never throws for what DNS does or does not answer.</summary>
    public async Task<DnsAnswer> AskAsync(string name, QueryType type, CancellationToken ct)
    {
        try
        {
            var response = await _dns.QueryAsync(name, type, cancellationToken: ct);
            return response.Header.ResponseCode switch
            {
                DnsHeaderResponseCode.NoError => new DnsAnswer(response.Answers, true, null),
                DnsHeaderResponseCode.NotExistentDomain => new DnsAnswer([], false, null),
                var fault => new DnsAnswer([], true, $"DNS answered {fault} for {name}."),
            };
        }
        catch (Exception exception) when (exception is DnsResponseException or DnsResponseParseException)
        {
            return new DnsAnswer([], true, $"DNS did not answer for {name}.");
        }
        catch (ArgumentException)
        {
            // Too long, or with a label that is: no such name can exist.
            return new DnsAnswer([], false, null);
        }
    }

    private static LookupClient Client(DnsOptions dns)
    {
        var lookup = dns.Resolvers is { Length: > 0 } resolvers ? new LookupClientOptions(resolvers) : new LookupClientOptions();
        lookup.Timeout = TimeSpan.FromSeconds(dns.TimeoutSeconds);
        lookup.Retries = 1;
        lookup.UseCache = false;
        return new LookupClient(lookup);
    }
}
