using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Domains;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>SPF as receivers evaluate it (RFC 7208). In a zone the at sign is the domain, and bars part the records.</summary>
public sealed class SpfTests(HostFixture host)
{
    private const string Include = "_spf.platform.example";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("@ TXT v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all", 0)]
    [InlineData("@ TXT V=SPF1 IP4:192.0.2.1 ~ALL | @ TXT v=spf10 other | @ TXT google-site-verification=1", 0)]
    [InlineData("@ TXT v=spf1  a mx/24//64  a:mail.@/32 -all | @ A 192.0.2.1 | @ MX 10 mail.@ | mail.@ AAAA 2001:db8::1", 3)]
    [InlineData("@ TXT v=spf1 include:_a.@ ?include:b.@ -all | _a.@ TXT v=spf1 include:c.@ -all | b.@ TXT v=spf1 ?all | c.@ TXT v=spf1 ip4:192.0.2.1 -all", 3)]
    [InlineData("@ TXT v=spf1 exists:%{ir}.%{v}._spf.%{d2} ptr -all", 2)]
    [InlineData("@ TXT v=spf1 redirect=a.@ | a.@ TXT v=spf1 ip4:192.0.2.1 -all", 1)]
    [InlineData("@ TXT v=spf1 ip4:192.0.2.1 -all redirect=nowhere.@ include:nowhere.@ unknown=%{i} exp=why.@", 0)]
    [InlineData("@ TXT v=spf1 a:x1.@ exists:x2.@ -all", 2)]
    [InlineData("@ TXT v=spf1 include:a.@ include:a.@ -all | a.@ TXT v=spf1 ip4:192.0.2.1 -all", 2)]
    public async Task Takes_a_record_that_is_right_and_counts_its_lookups(string zone, int lookups)
    {
        var found = await CheckAsync(zone);

        found.Status.ShouldBe(DnsStatus.Verified, found.Error);
        found.Found!.ShouldEndWith($"({lookups} of 10 lookups)");
    }

    [Theory]
    [InlineData("other.@ TXT v=spf1 -all", "has no SPF record")]
    [InlineData("@ TXT v=spf10 ip4:192.0.2.1 -all", "has no SPF record")]
    [InlineData("@ TXT  v=spf1 ip4:192.0.2.1 -all", "has no SPF record")]
    [InlineData("@ TXT v=spf1 a:1.2.3.4 -all", "'a:1.2.3.4'")]
    [InlineData("@ TXT v=spf1 ip4:192.0.2.1 -all | @ TXT v=spf1 mx -all", "has 2 SPF records")]
    [InlineData("@ TXT v=spf1 ip:192.0.2.1 -all", "'ip:192.0.2.1'")]
    [InlineData("@ TXT v=spf1 ip4:10.1 -all", "'ip4:10.1'")]
    [InlineData("@ TXT v=spf1 ip4:192.0.2.1/33 -all", "'ip4:192.0.2.1/33'")]
    [InlineData("@ TXT v=spf1 ip6:192.0.2.1 -all", "'ip6:192.0.2.1'")]
    [InlineData("@ TXT v=spf1 include: -all", "'include:'")]
    [InlineData("@ TXT v=spf1 include -all", "'include'")]
    [InlineData("@ TXT v=spf1 include:%{q}.@ -all", "%{q}")]
    [InlineData("@ TXT v=spf1 a/33 -all", "'a/33'")]
    [InlineData("@ TXT v=spf1 all:@ -all", "'all:")]
    [InlineData("@ TXT v=spf1 ip4:192.0.2.1 all;", "'all;'")]
    [InlineData("@ TXT v=spf1 redirect=a.@ redirect=b.@", "more than one redirect=")]
    [InlineData("@ TXT v=spf1 -all", "lets no server send")]
    [InlineData("@ TXT v=spf1 ~mx ~all | @ MX 10 a.@", "lets no server send")]
    [InlineData("@ TXT v=spf1 include:nowhere.@ -all", "has no SPF record")]
    [InlineData("@ TXT v=spf1 include:a.@ -all | a.@ TXT v=spf1 nonsense", "'nonsense'")]
    [InlineData("@ TXT v=spf1 include:a.@ -all | a.@ TXT v=spf1 include:@ -all", "comes back to itself")]
    [InlineData("@ TXT v=spf1 redirect=@", "comes back to itself")]
    [InlineData("@ TXT v=spf1 a:x1.@ mx:x2.@ exists:x3.@ -all", "makes 3 DNS lookups that find nothing")]
    [InlineData("@ TXT v=spf1 ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr -all", "needs 11 DNS lookups; receivers allow 10")]
    [InlineData("@ TXT v=spf1 include:a.@ include:a.@ include:a.@ -all | a.@ TXT v=spf1 ptr ptr ptr ptr -all", "needs 15 DNS lookups")]
    [InlineData("@ TXT v=spf1 include:a.@ include:a.@ include:a.@ -all | a.@ TXT v=spf1 include:b.@ include:b.@ include:b.@ -all"
        + " | b.@ TXT v=spf1 ptr ptr ptr ptr -all", "needs more than 30 DNS lookups")]
    [InlineData("@ TXT v=spf1 mx -all | @ MX 1 a.@ | @ MX 2 a.@ | @ MX 3 a.@ | @ MX 4 a.@ | @ MX 5 a.@ | @ MX 6 a.@ | @ MX 7 a.@ | @ MX 8 a.@"
        + " | @ MX 9 a.@ | @ MX 10 a.@ | @ MX 11 a.@", "names the 11 MX hosts")]
    public async Task Says_what_is_wrong_with_a_record(string zone, string error)
    {
        var found = await CheckAsync(zone);

        found.Status.ShouldBe(DnsStatus.Failed);
        found.Error!.ShouldContain(error);
    }

    [Theory]
    [InlineData($"include:{Include}", true)]
    [InlineData($"+INCLUDE:{Include}.", true)]
    [InlineData("include:a.@", true)]
    [InlineData($"redirect={Include}", true)]
    [InlineData($"?include:{Include}", false)]
    [InlineData("~include:a.@", false)]
    [InlineData("ip4:192.0.2.9", false)]
    public async Task Mail_that_the_platform_hosts_needs_the_platforms_record_however_deep(string term, bool isThere)
    {
        host.Dns.Set(Include, "TXT", "v=spf1 ip4:192.0.2.1 -all");

        var found = await CheckAsync($"@ TXT v=spf1 ip4:192.0.2.2 {term} | a.@ TXT v=spf1 include:{Include} -all", Include);

        found.Status.ShouldBe(isThere ? DnsStatus.Verified : DnsStatus.Failed, found.Error);
        found.Error?.ShouldContain($"lacks include:{Include}");
    }

    [Theory]
    [InlineData("@ TXT v=spf1 ip4:192.0.2.1 -all", "@")]
    [InlineData("@ TXT v=spf1 include:a.@ -all | a.@ TXT v=spf1 include:b.@ -all", "b.@")]
    [InlineData("@ TXT v=spf1 a:b.@ -all", "b.@")]
    [InlineData("@ TXT v=spf1 mx:b.@ -all", "b.@")]
    public async Task What_dns_does_not_answer_is_no_fault_of_the_record(string zone, string broken)
    {
        foreach (var trouble in new[] { DnsTrouble.ServFail, DnsTrouble.Refused })
        {
            var found = await CheckAsync(zone, trouble: domain => host.Dns.Trouble(broken.Replace("@", domain), trouble));

            found.Status.ShouldBe(DnsStatus.Error);
            found.Error!.ShouldStartWith("DNS answered");
        }
    }

    private async Task<DnsFinding> CheckAsync(string zone, string? include = null, Action<string>? trouble = null)
    {
        var domain = $"d{Guid.CreateVersion7():N}.example";
        host.Dns.Publish(domain, zone.Split(" | "));
        trouble?.Invoke(domain);
        var dns = new DnsLookup(Options.Create(new DnsOptions { Resolver = host.Dns.EndPoint.ToString() }));
        return await new SpfCheck(dns).RunAsync(domain, include, Ct);
    }
}
