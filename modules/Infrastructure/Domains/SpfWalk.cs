using DnsClient;

namespace PenguinMails.Infrastructure.Domains;

/// <summary>
/// One evaluation of an SPF record with all it includes, as if no term matched: the most lookups it can take. Receivers, who stop
/// at the first match, take no more.
/// </summary>
internal sealed class SpfWalk(DnsLookup dns, CancellationToken ct)
{
    // Past what receivers allow, only to tell people how far past.
    private const int MostCounted = 30;
    private const int MostExchangers = 10;

    private readonly HashSet<string> _included = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The domain's own record; null before there is one.</summary>
    public string? Record { get; private set; }
    public int Lookups { get; private set; }
    public int VoidLookups { get; private set; }

    /// <summary>Whether the domain's own record lets anybody send.</summary>
    public bool LetsSend { get; private set; }

    /// <summary>The domains whose servers may send because they are included, however deep.</summary>
    public IReadOnlySet<string> Included => _included;

    public string LookupsInWords => Lookups > MostCounted ? $"more than {MostCounted}" : $"{Lookups}";

    /// <param name="path">The domains whose records led here, the first one first.</param>
    /// <param name="passes">Whether who is allowed by this record is allowed by the first one.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    public async Task<DnsFinding?> VisitAsync(string domain, IReadOnlyList<string> path, bool passes)
    {
        var answer = await dns.AskAsync(domain, QueryType.TXT, ct);
        if (answer.Fault is not null)
        {
            return DnsFinding.Unknown(answer.Fault);
        }

        var where = path.Count == 0 ? domain : $"{domain}, which {path[^1]} includes,";
        var records = answer.Texts.Where(IsSpf).ToList();
        if (records is not [var record])
        {
            return DnsFinding.Wrong(records.Count == 0
                ? $"{where} has no SPF record."
                : $"{where} has {records.Count} SPF records; receivers then take none (RFC 7208, 4.5).");
        }

        Record ??= record;
        var texts = record.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
        var terms = texts.Select(SpfTerm.Parse).ToList();
        return terms.IndexOf(null) is var wrong and >= 0
            ? DnsFinding.Wrong($"The SPF record of {domain} holds '{texts[wrong]}', which is no SPF term (RFC 7208, 4.6.1).")
            : await FollowAllAsync(domain, [.. terms.Select(term => term!)], path, passes);
    }

    private async Task<DnsFinding?> FollowAllAsync(string domain, IReadOnlyList<SpfTerm> terms, IReadOnlyList<string> path, bool passes)
    {
        if (new[] { "redirect", "exp" }.FirstOrDefault(name => terms.Count(term => term.Name == name) > 1) is { } twice)
        {
            return DnsFinding.Wrong($"The SPF record of {domain} has more than one {twice}= (RFC 7208, 6).");
        }

        var reached = Reached(terms);
        LetsSend |= path.Count == 0 && reached.Any(term => term.Passes || term.Name == "redirect");
        foreach (var term in reached.Where(term => term.NeedsLookup))
        {
            Lookups++;
            if (Lookups > MostCounted)
            {
                return null;
            }

            if (!term.IsMacro && await FollowAsync(domain, term, path, passes) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    // "all" matches everybody: nothing after it is asked for, nor is a redirect (RFC 7208, 5.1).
    private static List<SpfTerm> Reached(IReadOnlyList<SpfTerm> terms)
    {
        var mechanisms = terms.Where(term => term.Name != "redirect").ToList();
        var all = mechanisms.FindIndex(term => term.Name == "all");
        return all >= 0 ? mechanisms[..(all + 1)] : [.. mechanisms, .. terms.Where(term => term.Name == "redirect")];
    }

    private async Task<DnsFinding?> FollowAsync(string domain, SpfTerm term, IReadOnlyList<string> path, bool passes)
    {
        var target = term.Target ?? domain;
        return term.Name switch
        {
            "include" => await EnterAsync(domain, target, path, passes && term.Passes),
            // Hands the whole decision over.
            "redirect" => await EnterAsync(domain, target, path, passes),
            "mx" => await ExchangersAsync(domain, target),
            "a" => await AddressesAsync(target, QueryType.A, QueryType.AAAA),
            "exists" => await AddressesAsync(target, QueryType.A),
            // ptr asks about the sender's address, which is not known yet.
            _ => null,
        };
    }

    private async Task<DnsFinding?> EnterAsync(string domain, string target, IReadOnlyList<string> path, bool passes)
    {
        if (path.Append(domain).Contains(target, StringComparer.OrdinalIgnoreCase))
        {
            return DnsFinding.Wrong($"The SPF record of {target} comes back to itself through {domain}.");
        }

        if (passes)
        {
            _included.Add(target);
        }

        return await VisitAsync(target, [.. path, domain], passes);
    }

    private async Task<DnsFinding?> ExchangersAsync(string domain, string target)
    {
        var answer = await dns.AskAsync(target, QueryType.MX, ct);
        var exchangers = answer.Records.MxRecords().Count();
        VoidLookups += answer.Fault is null && exchangers == 0 ? 1 : 0;
        return answer.Fault is not null ? DnsFinding.Unknown(answer.Fault)
            : exchangers > MostExchangers ? DnsFinding.Wrong(
                $"The SPF record of {domain} names the {exchangers} MX hosts of {target}; receivers allow {MostExchangers} (RFC 7208, 4.6.4).")
            : null;
    }

    // A receiver asks for one type only, the sender's: void is what answers neither.
    private async Task<DnsFinding?> AddressesAsync(string target, params QueryType[] types)
    {
        foreach (var type in types)
        {
            var answer = await dns.AskAsync(target, type, ct);
            if (answer.Fault is not null || answer.Records.AddressRecords().Any())
            {
                return answer.Fault is null ? null : DnsFinding.Unknown(answer.Fault);
            }
        }

        VoidLookups++;
        return null;
    }

    private static bool IsSpf(string text) =>
        text.Equals("v=spf1", StringComparison.OrdinalIgnoreCase) || text.StartsWith("v=spf1 ", StringComparison.OrdinalIgnoreCase);
}
