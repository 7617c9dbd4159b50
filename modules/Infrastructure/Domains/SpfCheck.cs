namespace PenguinMails.Infrastructure.Domains;

/// <summary>
/// Checks a domain's SPF record as receivers evaluate it. Mail of a domain that the platform hosts comes from the platform's
/// servers, which the record must include, however deep. Any other domain's mail leaves from a server that its tenant chose
/// and the platform does not know: there the record must be valid and let somebody send.
/// </summary>
internal sealed class SpfCheck(DnsLookup dns)
{
    private const int MostLookups = 10;
    private const int MostVoidLookups = 2;

    /// <param name="include">What the record must include; null: nothing.</param>
    public async Task<DnsFinding> RunAsync(string domain, string? include, CancellationToken ct)
    {
        var walk = new SpfWalk(dns, ct);
        var problem = await walk.VisitAsync(domain, [], passes: true) ?? Judge(domain, include, walk);
        return problem is null
            ? DnsFinding.Right($"{walk.Record} ({walk.Lookups} of {MostLookups} lookups)")
            : problem with { Found = walk.Record };
    }

    private static DnsFinding? Judge(string domain, string? include, SpfWalk walk) => walk switch
    {
        { Lookups: > MostLookups } => DnsFinding.Wrong(
            $"The SPF record of {domain} needs {walk.LookupsInWords} DNS lookups; receivers allow {MostLookups} (RFC 7208, 4.6.4)."),
        { VoidLookups: > MostVoidLookups } => DnsFinding.Wrong(
            $"The SPF record of {domain} makes {walk.VoidLookups} DNS lookups that find nothing; receivers allow {MostVoidLookups} (RFC 7208, 4.6.4)."),
        { LetsSend: false } => DnsFinding.Wrong($"The SPF record of {domain} lets no server send."),
        _ when include is not null && !walk.Included.Contains(include) => DnsFinding.Wrong($"The SPF record of {domain} lacks include:{include}."),
        _ => null,
    };
}
