using DnsClient;
using Microsoft.Extensions.Caching.Memory;
using PenguinMails.Infrastructure.Domains;
using PenguinMails.Shared.Database;

namespace PenguinMails.Infrastructure.Addresses;

/// <summary>Who takes a recipient's mail: the large ones judge an address each for themselves.</summary>
internal enum ReceivingProvider
{
    Other,
    Google,
    Microsoft,
    Yahoo,
    Apple,
}

internal static class ReceivingProviderNames
{
    /// <summary>As table <c>smtp_ip_daily</c> spells it.</summary>
    public static string Name(this ReceivingProvider provider) => SnakeCase.Of(provider);
}

/// <summary>Finds out, by a domain's MX records, who takes its mail. Remembered for some hours, of the domains asked for last.</summary>
internal sealed class ReceivingProviders(DnsLookup dns) : IDisposable
{
    private const int MostRemembered = 50_000;
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(6);
    private static readonly TimeSpan FaultRemembered = TimeSpan.FromMinutes(5);

    // Longer than this a batch does not wait: who receives it only spreads an address's day.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private static readonly (string Suffix, ReceivingProvider Provider)[] Exchangers =
    [
        ("google.com", ReceivingProvider.Google), ("googlemail.com", ReceivingProvider.Google),
        ("outlook.com", ReceivingProvider.Microsoft), ("hotmail.com", ReceivingProvider.Microsoft), ("mx.microsoft", ReceivingProvider.Microsoft),
        ("yahoodns.net", ReceivingProvider.Yahoo),
        ("icloud.com", ReceivingProvider.Apple), ("apple.com", ReceivingProvider.Apple),
    ];

    // Known without asking.
    private static readonly Dictionary<string, ReceivingProvider> Mailboxes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["gmail.com"] = ReceivingProvider.Google, ["googlemail.com"] = ReceivingProvider.Google,
        ["outlook.com"] = ReceivingProvider.Microsoft, ["hotmail.com"] = ReceivingProvider.Microsoft,
        ["live.com"] = ReceivingProvider.Microsoft, ["msn.com"] = ReceivingProvider.Microsoft,
        ["yahoo.com"] = ReceivingProvider.Yahoo, ["ymail.com"] = ReceivingProvider.Yahoo, ["aol.com"] = ReceivingProvider.Yahoo,
        ["icloud.com"] = ReceivingProvider.Apple, ["me.com"] = ReceivingProvider.Apple, ["mac.com"] = ReceivingProvider.Apple,
    };

    // RFC 2606 and 6761: in no DNS.
    private static readonly string[] Reserved = [".test", ".example", ".invalid", ".localhost"];

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = MostRemembered });

    /// <summary>Those that are known by their name alone.</summary>
    public static ReceivingProvider ByName(string domain) => Mailboxes.GetValueOrDefault(domain);

    /// <param name="domain">Of a recipient's address, in its ASCII form.</param>
    public async Task<ReceivingProvider> OfAsync(string domain, CancellationToken ct)
    {
        if (Mailboxes.TryGetValue(domain, out var known) || Reserved.Any(suffix => domain.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)))
        {
            return known;
        }

        var key = domain.ToLowerInvariant();
        if (_cache.TryGetValue(key, out ReceivingProvider remembered))
        {
            return remembered;
        }

        var (provider, isFault) = await AskAsync(key, ct);
        return _cache.Set(key, provider, new MemoryCacheEntryOptions
        {
            Size = 1, AbsoluteExpirationRelativeToNow = isFault ? FaultRemembered : Remembered,
        });
    }

    public void Dispose() => _cache.Dispose();

    private async Task<(ReceivingProvider Provider, bool IsFault)> AskAsync(string domain, CancellationToken ct)
    {
        try
        {
            var answer = await dns.AskAsync(domain, QueryType.MX, ct).WaitAsync(Patience, ct);
            // The first choice of whoever sends there.
            var exchanger = answer.Records.MxRecords().OrderBy(record => record.Preference).FirstOrDefault()?.Exchange.Value.TrimEnd('.');
            return (exchanger is null ? ReceivingProvider.Other : ByExchanger(exchanger), answer.Fault is not null);
        }
        catch (TimeoutException)
        {
            return (ReceivingProvider.Other, true);
        }
    }

    internal static ReceivingProvider ByExchanger(string host) => Exchangers
        .FirstOrDefault(known => $".{host}".EndsWith($".{known.Suffix}", StringComparison.OrdinalIgnoreCase)).Provider;
}
