using DnsClient;

namespace PenguinMails.Infrastructure.Domains;

/// <summary>Finds the DMARC policy that applies to a domain by the walk up the DNS tree (RFC 9989, 4.10).</summary>
internal sealed class DmarcCheck(DnsLookup dns)
{
    private const int MostQueries = 8;

    private sealed record Policy(string At, TagList Tags, string Text)
    {
        public bool EndsWalk => Word("psd") is "y" or "n";

        /// <summary>A value that is a word, in lower case.</summary>
        public string? Word(string tag) => Tags[tag]?.ToLowerInvariant();

        /// <summary>Whether it names somebody who takes reports.</summary>
        public bool IsReported => Tags["rua"]?.Split(',').Any(uri => Uri.TryCreate(uri, UriKind.Absolute, out _)) == true;
    }

    /// <summary>Right when a valid policy applies, be it the domain's own or that of a domain above.</summary>
    public async Task<DnsFinding> RunAsync(string domain, CancellationToken ct)
    {
        var policies = new List<Policy>();
        string? problem = null;
        foreach (var target in Targets(domain))
        {
            var answer = await dns.AskAsync($"_dmarc.{target}", QueryType.TXT, ct);
            if (answer.Fault is not null)
            {
                return DnsFinding.Unknown(answer.Fault);
            }

            var found = answer.Texts.Select(text => new Policy(target, TagList.Parse(text, anyCase: true), text)).Where(policy => policy.Tags.Begins("DMARC1")).ToList();
            problem ??= found.Count > 1 ? $"_dmarc.{target} has {found.Count} DMARC records; receivers then take none (RFC 9989, 4.10)." : null;
            // Where there are several there is none.
            policies.AddRange(found.Count == 1 ? found : []);
            if (found is [var only] && (target == domain || only.EndsWalk))
            {
                break;
            }
        }

        return Applying(domain, policies) is { } policy
            ? await JudgeAsync(domain, policy, ct)
            : DnsFinding.Wrong(problem ?? $"_dmarc.{domain} has no DMARC record, nor has a domain above it one that applies.");
    }

    /// <summary>The domain, then those above it; of one with more than eight labels, those from seven labels on.</summary>
    public static IEnumerable<string> Targets(string domain)
    {
        var labels = domain.Split('.');
        var first = labels.Length < MostQueries ? 1 : labels.Length - (MostQueries - 1);
        return [domain, .. Enumerable.Range(first, labels.Length - first).Select(skipped => string.Join('.', labels[skipped..]))];
    }

    // Its own; else that of the organizational domain; else that of the public suffix, which psd=y names.
    private static Policy? Applying(string domain, List<Policy> policies)
    {
        if (policies is not [.., var last])
        {
            return null;
        }

        var organization = last.Word("psd") == "y" && last.At != domain ? OneLabelBelow(last.At, domain) : last.At;
        return policies.Find(policy => policy.At == domain) ?? policies.Find(policy => policy.At == organization) ?? last;
    }

    private static string OneLabelBelow(string above, string domain) =>
        $"{domain[..^(above.Length + 1)].Split('.')[^1]}.{above}";

    private async Task<DnsFinding> JudgeAsync(string domain, Policy policy, CancellationToken ct)
    {
        var (tag, value) = await PolicyForAsync(domain, policy, ct);
        // What is no policy is none where somebody waits for reports, else no record (RFC 9989, 4.7).
        return value is "none" or "quarantine" or "reject" || policy.IsReported
            ? DnsFinding.Right(policy.At == domain ? policy.Text : $"{policy.Text} (of _dmarc.{policy.At}: {tag}={value})")
            : DnsFinding.Wrong($"The DMARC record of _dmarc.{policy.At} has {tag}={value}; it must be none, quarantine or reject.", policy.Text);
    }

    // Of a record above, sp and np are for the names below it: np for one that does not exist.
    private async Task<(string Tag, string Value)> PolicyForAsync(string domain, Policy policy, CancellationToken ct)
    {
        if (policy.At != domain && policy.Word("np") is { } np && !(await dns.AskAsync(domain, QueryType.TXT, ct)).Exists)
        {
            return ("np", np);
        }

        return policy.At != domain && policy.Word("sp") is { } sp ? ("sp", sp) : ("p", policy.Word("p") ?? "none");
    }
}
