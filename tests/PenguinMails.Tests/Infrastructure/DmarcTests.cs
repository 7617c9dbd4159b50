using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Domains;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>Which DMARC policy applies to mail.sales.@ (RFC 9989), where the at sign is a domain of the test's own.</summary>
public sealed class DmarcTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    // Its own, whatever is above.
    [InlineData("_dmarc.mail.sales.@ TXT v=DMARC1; p=none | _dmarc.@ TXT v=DMARC1; p=reject", "v=DMARC1; p=none")]
    [InlineData("_dmarc.mail.sales.@ TXT v=DMARC1", "v=DMARC1")]
    [InlineData("_dmarc.mail.sales.@ TXT v = DMARC1 ; p = reject ; pct=50; x=y", "v = DMARC1 ; p = reject ; pct=50; x=y")]
    [InlineData("_dmarc.mail.sales.@ TXT v=DMARC1; p=none | _dmarc.mail.sales.@ TXT v=spf1 -all", "v=DMARC1; p=none")]
    [InlineData("_dmarc.mail.sales.@ CNAME policy.@ | policy.@ TXT v=DMARC1; p=quarantine", "v=DMARC1; p=quarantine")]
    [InlineData("_dmarc.mail.sales.@ TXT v=DMARC1; P=Reject", "v=DMARC1; P=Reject")]
    [InlineData("_dmarc.@ TXT v=DMARC1; p=none; sp=Quarantine", "(of _dmarc.@: sp=quarantine)")]
    // What is no policy is none where somebody waits for reports.
    [InlineData("_dmarc.mail.sales.@ TXT v=DMARC1; p=nothing; rua=mailto:reports@", "v=DMARC1; p=nothing; rua=mailto:reports@")]
    // That of the organizational domain, which is the highest.
    [InlineData("_dmarc.sales.@ TXT v=DMARC1; p=none | _dmarc.@ TXT v=DMARC1; p=reject", "(of _dmarc.@: p=reject)")]
    [InlineData("_dmarc.@ TXT v=DMARC1; p=reject; sp=quarantine", "(of _dmarc.@: sp=quarantine)")]
    // Several are none.
    [InlineData("_dmarc.mail.sales.@ TXT v=DMARC1; p=none | _dmarc.mail.sales.@ TXT v=DMARC1; p=reject | _dmarc.@ TXT v=DMARC1; p=reject", "(of _dmarc.@: p=reject)")]
    // psd=n ends the walk at the organization, psd=y one label above it.
    [InlineData("_dmarc.sales.@ TXT v=DMARC1; p=quarantine; psd=n | _dmarc.@ TXT v=DMARC1; p=reject", "(of _dmarc.sales.@: p=quarantine)")]
    [InlineData("_dmarc.sales.@ TXT v=DMARC1; p=quarantine | _dmarc.@ TXT v=DMARC1; p=reject; psd=y", "(of _dmarc.sales.@: p=quarantine)")]
    [InlineData("_dmarc.@ TXT v=DMARC1; p=none; sp=reject; psd=y", "(of _dmarc.@: sp=reject)")]
    // np is for a name that does not exist.
    [InlineData("_dmarc.@ TXT v=DMARC1; p=none; sp=quarantine; np=reject", "(of _dmarc.@: np=reject)")]
    [InlineData("_dmarc.@ TXT v=DMARC1; p=none; sp=quarantine; np=reject | mail.sales.@ A 192.0.2.1", "(of _dmarc.@: sp=quarantine)")]
    public async Task The_policy_that_applies(string zone, string policy)
    {
        var (domain, found) = await CheckAsync(zone);

        found.Status.ShouldBe(DnsStatus.Verified, found.Error);
        found.Found!.ShouldEndWith(policy.Replace("@", domain));
    }

    [Theory]
    [InlineData("mail.sales.@ A 192.0.2.1", "has no DMARC record")]
    [InlineData("_dmarc.mail.sales.@ TXT v=dmarc1; p=none", "has no DMARC record")]
    [InlineData("_dmarc.mail.sales.@ TXT p=none; v=DMARC1", "has no DMARC record")]
    [InlineData("_dmarc.mail.sales.@ TXT v=DMARC1; p=none | _dmarc.mail.sales.@ TXT v=DMARC1; p=reject", "has 2 DMARC records")]
    [InlineData("_dmarc.mail.sales.@ TXT v=DMARC1; p=nothing", "has p=nothing")]
    [InlineData("_dmarc.mail.sales.@ TXT v=DMARC1; p=nothing; rua=reports", "has p=nothing")]
    [InlineData("_dmarc.@ TXT v=DMARC1; p=none; sp=all", "has sp=all")]
    public async Task No_policy_applies(string zone, string error)
    {
        var (_, found) = await CheckAsync(zone);

        found.Status.ShouldBe(DnsStatus.Failed);
        found.Error!.ShouldContain(error);
    }

    [Fact]
    public async Task What_dns_does_not_answer_is_not_a_missing_policy()
    {
        var (_, found) = await CheckAsync("@ A 192.0.2.1", domain => host.Dns.Trouble($"_dmarc.{domain}", DnsTrouble.ServFail));

        found.Status.ShouldBe(DnsStatus.Error);
    }

    [Theory]
    [InlineData("example.com", "example.com com")]
    [InlineData("a.b.example.com", "a.b.example.com b.example.com example.com com")]
    [InlineData("1.2.3.4.5.6.example.com",
        "1.2.3.4.5.6.example.com 2.3.4.5.6.example.com 3.4.5.6.example.com 4.5.6.example.com 5.6.example.com 6.example.com example.com com")]
    [InlineData("a.b.c.d.e.f.g.h.i.j.mail.example.com",
        "a.b.c.d.e.f.g.h.i.j.mail.example.com g.h.i.j.mail.example.com h.i.j.mail.example.com i.j.mail.example.com j.mail.example.com"
        + " mail.example.com example.com com")]
    public void The_walk_asks_eight_times_at_most(string domain, string targets) =>
        string.Join(' ', DmarcCheck.Targets(domain)).ShouldBe(targets);

    private async Task<(string Domain, DnsFinding Found)> CheckAsync(string zone, Action<string>? trouble = null)
    {
        var domain = $"d{Guid.CreateVersion7():N}.example";
        host.Dns.Publish(domain, zone.Split(" | "));
        trouble?.Invoke(domain);
        var dns = new DnsLookup(Options.Create(new DnsOptions { Resolver = host.Dns.EndPoint.ToString() }));
        return (domain, await new DmarcCheck(dns).RunAsync($"mail.sales.{domain}", Ct));
    }
}
