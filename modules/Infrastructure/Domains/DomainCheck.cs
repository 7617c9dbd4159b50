using DnsClient;
using Microsoft.Extensions.Options;

namespace PenguinMails.Infrastructure.Domains;

/// <summary>Asks DNS for a domain's records.</summary>
internal sealed class DomainCheck(DnsLookup dns, IOptions<DnsOptions> options)
{
    private readonly SpfCheck _spf = new(dns);
    private readonly DkimCheck _dkim = new(dns);
    private readonly DmarcCheck _dmarc = new(dns);
    private readonly MxCheck _mx = new(dns);

    // What a zone makes us ask is its owner's doing, however slow its servers are.
    private TimeSpan Patience => TimeSpan.FromSeconds(4 * options.Value.TimeoutSeconds);

    /// <summary>What DNS says of each record.</summary>
    public async Task<IReadOnlyDictionary<DnsRecordKey, DnsFinding>> RunAsync(Domain domain, CancellationToken ct)
    {
        var findings = await Task.WhenAll(domain.DnsRecords.Select(record =>
            options.Value.Trusts(domain.Name) ? Task.FromResult(DnsFinding.Right()) : RunAsync(domain, record, ct)));
        return domain.DnsRecords.Zip(findings).ToDictionary(pair => pair.First.Key, pair => pair.Second);
    }

    private async Task<DnsFinding> RunAsync(Domain domain, DnsRecord record, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            return await FindAsync(domain, record, patience.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return DnsFinding.Unknown($"DNS took too long over {record.NameIn(domain.Name)}.");
        }
    }

    private Task<DnsFinding> FindAsync(Domain domain, DnsRecord record, CancellationToken ct)
    {
        var (name, isOurs) = (record.NameIn(domain.Name), domain.MailHosting == MailHosting.Platform);
        return record.Purpose switch
        {
            DnsPurpose.Spf => _spf.RunAsync(name, isOurs ? options.Value.SpfInclude : null, ct),
            DnsPurpose.Dkim => _dkim.RunAsync(name, record.Value, ct),
            DnsPurpose.Dmarc => _dmarc.RunAsync(domain.Name, ct),
            DnsPurpose.Mx => _mx.RunAsync(name, isOurs ? options.Value.MailExchanger : null, ct),
            DnsPurpose.Tracking => FindAliasAsync(name, record.Value, ct),
            _ => throw new InvalidOperationException($"No check for {record.Purpose}."),
        };
    }

    private async Task<DnsFinding> FindAliasAsync(string name, string target, CancellationToken ct)
    {
        var answer = await dns.AskAsync(name, QueryType.CNAME, ct);
        var found = answer.Records.CnameRecords().FirstOrDefault()?.CanonicalName.Value.TrimEnd('.');
        return answer.Fault is not null ? DnsFinding.Unknown(answer.Fault)
            : found is null ? DnsFinding.Wrong($"{name} has no CNAME record.")
            : found.Equals(target, StringComparison.OrdinalIgnoreCase) ? DnsFinding.Right(found)
            : DnsFinding.Wrong($"The CNAME record of {name} does not lead to {target}.", found);
    }
}
