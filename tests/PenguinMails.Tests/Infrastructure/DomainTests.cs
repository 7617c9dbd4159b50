using System.Net;
using System.Net.Http.Json;

namespace PenguinMails.Tests.Infrastructure;

public sealed class DomainTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_test_domain_shows_its_records_and_verifies()
    {
        var tenant = await host.ATenantAsync(Ct);
        var name = $"d{Guid.CreateVersion7():N}.test";

        var domain = await tenant.PostAsync("domains", new { tenant.CompanyId, Domain = name.ToUpperInvariant() }, Ct);
        domain.Text("domain").ShouldBe(name);
        domain.Text("verificationStatus").ShouldBe("pending");
        domain["dnsRecords"]!.AsArray().Select(record => $"{record!.Text("type")} {record!.Text("name")} {record!.Text("value").Split(' ')[0]} {record!.Text("status")}")
            .ShouldBe(["TXT @ v=spf1 pending", "TXT pm._domainkey v=DKIM1; pending", "TXT _dmarc v=DMARC1; pending", "MX @ 10 pending"]);

        var verified = await tenant.PostAsync($"domains/{domain.Id()}/verify", new { }, Ct);
        verified.Text("verificationStatus").ShouldBe("verified");
        verified["dnsRecords"]!.AsArray().ShouldAllBe(record => record!.Text("status") == "verified");
        (await tenant.GetAsync($"domains/{domain.Id()}", Ct)).Text("verificationStatus").ShouldBe("verified");
    }

    [Fact]
    public async Task A_domain_belongs_to_one_tenant_of_the_platform()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var domain = await other.ADomainAsync(Ct);

        foreach (var name in new[] { domain.Text("domain"), domain.Text("domain").ToUpperInvariant() })
        {
            var answer = await tenant.Http.PostAsJsonAsync("domains", new { tenant.CompanyId, Domain = name }, Ct);
            await answer.ProblemAsync(HttpStatusCode.Conflict, Ct);
        }

        (await host.QueryAsync("SELECT path FROM secrets WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBeEmpty();
        (await host.QueryAsync("SELECT tenant_id FROM domains WHERE domain = $1", Ct, domain.Text("domain"))).ShouldBe([$"{other.TenantId}"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData("a b.test")]
    [InlineData("-a.test")]
    [InlineData("a..test")]
    [InlineData("1.2.3.4")]
    [InlineData("https://a.test")]
    [InlineData("a.test\r\nb")]
    [InlineData(null)]
    public async Task Refuses_what_is_no_domain_name(string? name)
    {
        var tenant = await host.ATenantAsync(Ct);

        var answer = await tenant.Http.PostAsJsonAsync("domains", new { tenant.CompanyId, Domain = name }, Ct);

        (await answer.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["domain"]);
    }

    [Fact]
    public async Task The_plans_number_of_domains_holds()
    {
        var tenant = await host.ATenantAsync(Ct);
        foreach (var _ in Enumerable.Range(0, 5))
        {
            await tenant.PostAsync("domains", new { tenant.CompanyId, Domain = $"d{Guid.CreateVersion7():N}.test" }, Ct);
        }

        var answer = await tenant.Http.PostAsJsonAsync("domains", new { tenant.CompanyId, Domain = $"d{Guid.CreateVersion7():N}.test" }, Ct);

        (await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["domain"]);
    }
}
