using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

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

    [Fact]
    public async Task However_many_are_added_at_once_the_plans_number_of_domains_holds()
    {
        var tenant = await host.ATenantAsync(Ct);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            tenant.Http.PostAsJsonAsync("domains", new { tenant.CompanyId, Domain = $"d{Guid.CreateVersion7():N}.test" }, Ct)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Created).ShouldBe(5);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.UnprocessableEntity).ShouldBe(15);
    }

    [Fact]
    public async Task A_name_in_another_script_is_shown_both_ways()
    {
        var tenant = await host.ATenantAsync(Ct);
        var label = $"bücher-{Guid.CreateVersion7():N}";

        var domain = await tenant.PostAsync("domains", new { tenant.CompanyId, Domain = $"{label}.Example" }, Ct);

        domain.Text("domain").ShouldStartWith("xn--bcher-");
        domain.Text("unicodeName").ShouldBe($"{label}.example");
        DomainScene.RecordOf(domain, "dkim").Text("host").ShouldBe($"pm._domainkey.{domain.Text("domain")}");
    }

    [Theory]
    [InlineData("co.uk")]
    [InlineData("GitHub.io")]
    [InlineData("something.ck")]
    [InlineData("公司.cn")]
    public async Task Refuses_a_name_that_anybody_registers_below(string name)
    {
        var tenant = await host.ATenantAsync(Ct);

        var answer = await tenant.Http.PostAsJsonAsync("domains", new { tenant.CompanyId, Domain = name }, Ct);

        (await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["domain"]);
    }

    [Theory]
    [InlineData("trackingHost", "a.b")]
    [InlineData("trackingHost", "_dmarc")]
    [InlineData("trackingHost", "-a")]
    [InlineData("mailHosting", "elsewhere")]
    public async Task Refuses_what_no_setting_is(string field, string value)
    {
        var tenant = await host.ATenantAsync(Ct);
        var request = new JsonObject { ["companyId"] = tenant.CompanyId, ["domain"] = $"d{Guid.CreateVersion7():N}.test", [field] = value };

        var answer = await tenant.Http.PostAsJsonAsync("domains", request, Ct);

        (await answer.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe([field]);
    }

    [Fact]
    public async Task Asked_again_the_same_domain_is_answered()
    {
        var tenant = await host.ATenantAsync(Ct);
        var request = new { tenant.CompanyId, Domain = $"d{Guid.CreateVersion7():N}.test" };

        var (first, second) = (await tenant.Http.PostAsJsonAsync("domains", request, Ct), await tenant.Http.PostAsJsonAsync("domains", request, Ct));

        first.StatusCode.ShouldBe(HttpStatusCode.Created);
        second.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await second.ReadAsync(Ct)).ToJsonString().ShouldBe((await first.ReadAsync(Ct)).ToJsonString());
        foreach (var other in new object[] { new { request.CompanyId, request.Domain, MailHosting = "platform" }, new { request.CompanyId, request.Domain, TrackingHost = "go" } })
        {
            await (await tenant.Http.PostAsJsonAsync("domains", other, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        }
    }

    [Fact]
    public async Task A_long_value_is_shown_whole_and_in_strings()
    {
        var tenant = await host.ATenantAsync(Ct);

        var dkim = DomainScene.RecordOf(await tenant.ADomainAsync(Ct), "dkim");

        var strings = dkim["strings"]!.AsArray().Select(part => part!.GetValue<string>()).ToList();
        strings.ShouldAllBe(part => part.Length <= 255);
        string.Concat(strings).ShouldBe(dkim.Text("value"));
    }

    [Fact]
    public async Task Finds_domains_by_their_status_and_the_beginning_of_their_name()
    {
        var tenant = await host.ATenantAsync(Ct);
        var verified = await tenant.ADomainAsync(Ct);
        var pending = await tenant.PostAsync("domains", new { tenant.CompanyId, Domain = $"p{Guid.CreateVersion7():N}.test" }, Ct);

        (await IdsAsync(tenant, "")).ShouldBe([pending.Id(), verified.Id()]);
        (await IdsAsync(tenant, "?status=verified")).ShouldBe([verified.Id()]);
        (await IdsAsync(tenant, "?status=degraded")).ShouldBeEmpty();
        (await IdsAsync(tenant, $"?search={pending.Text("domain")[..9].ToUpperInvariant()}")).ShouldBe([pending.Id()]);
        (await IdsAsync(tenant, "?search=%25")).ShouldBeEmpty();
        await (await tenant.Http.GetAsync("domains?status=lost", Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct);
    }

    [Fact]
    public async Task The_first_verified_domain_is_primary_until_another_is_made_so()
    {
        var tenant = await host.ATenantAsync(Ct);
        var (first, second) = (await tenant.ADomainAsync(Ct), await tenant.ADomainAsync(Ct));
        var pending = await tenant.PostAsync("domains", new { tenant.CompanyId, Domain = $"d{Guid.CreateVersion7():N}.test" }, Ct);
        (await PrimaryAsync(tenant)).ShouldBe([first.Id()]);

        var answer = await tenant.Http.PostAsJsonAsync($"domains/{pending.Id()}/primary", new { }, Ct);
        await answer.ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await tenant.PostAsync($"domains/{second.Id()}/primary", new { }, Ct))["isPrimary"]!.GetValue<bool>().ShouldBeTrue();
        (await PrimaryAsync(tenant)).ShouldBe([second.Id()]);

        // Another company's is another matter.
        var company = await tenant.PostAsync("companies", new { Name = "Another" }, Ct);
        await (await tenant.Http.PatchAsJsonAsync($"domains/{second.Id()}", new { CompanyId = company.Id() }, Ct)).ReadAsync(Ct);
        (await PrimaryAsync(tenant)).ShouldBeEmpty();
        foreach (var domain in new[] { second, first })
        {
            (await tenant.PostAsync($"domains/{domain.Id()}/verify", new { }, Ct))["isPrimary"]!.GetValue<bool>().ShouldBeTrue();
        }
    }

    [Fact]
    public async Task However_many_become_verified_or_primary_at_once_one_is()
    {
        var tenant = await host.ATenantAsync(Ct);
        var domains = new List<JsonNode>();
        foreach (var _ in Enumerable.Range(0, 5))
        {
            domains.Add(await tenant.PostAsync("domains", new { tenant.CompanyId, Domain = $"d{Guid.CreateVersion7():N}.test" }, Ct));
        }

        await Task.WhenAll(domains.Select(domain => tenant.PostAsync($"domains/{domain.Id()}/verify", new { }, Ct)));
        (await PrimaryAsync(tenant)).Count.ShouldBe(1);
        await Task.WhenAll(domains.SelectMany(domain => new[] { "primary", "verify", "primary" }
            .Select(action => tenant.PostAsync($"domains/{domain.Id()}/{action}", new { }, Ct))));
        (await PrimaryAsync(tenant)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Its_settings_change_and_with_them_its_records()
    {
        var tenant = await host.ATenantAsync(Ct);
        await host.PutOnPlanAsync(tenant, "business", Ct);
        var domain = await tenant.ADomainAsync(Ct);

        var changed = await PatchAsync(tenant, domain, new { MailHosting = "platform", TrackingHost = "Go" });
        changed["dnsRecords"]!.AsArray().Select(record => $"{record!.Text("purpose")} {record!.Text("status")}")
            .ShouldBe(["spf pending", "dkim verified", "dmarc verified", "mx pending", "tracking pending"]);
        DomainScene.RecordOf(changed, "spf").Text("value").ShouldContain("include:_spf.penguinmails.com");
        DomainScene.RecordOf(changed, "mx").Text("value").ShouldBe("10 mx.penguinmails.com");
        DomainScene.RecordOf(changed, "tracking").Text("host").ShouldBe($"go.{domain.Text("domain")}");

        (await PatchAsync(tenant, domain, new { TrackingHost = "" }))["trackingHost"].ShouldBeNull();
        var unknown = await tenant.Http.PatchAsJsonAsync($"domains/{domain.Id()}", new { CompanyId = Guid.CreateVersion7() }, Ct);
        await unknown.ProblemAsync(HttpStatusCode.NotFound, Ct);
    }

    [Fact]
    public async Task Goes_with_its_keys_once_nothing_uses_it()
    {
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAsync(Ct);
        var path = $"domains/{mailbox.Text("domainId")}";
        await tenant.PostAsync($"{path}/dkim/rotate", new { }, Ct);

        (await (await tenant.Http.DeleteAsync(path, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct)).Text("title").ShouldContain("it has a mailbox");
        await host.QueryAsync("DELETE FROM email_accounts WHERE tenant_id = $1", Ct, tenant.TenantId);
        await host.QueryAsync(
            "INSERT INTO domain_ip_assignments (tenant_id, domain_id, status) SELECT tenant_id, id, 'active' FROM domains WHERE tenant_id = $1", Ct, tenant.TenantId);
        (await host.QueryAsync("SELECT count(*) FROM secrets WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["2"]);

        (await tenant.Http.DeleteAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await tenant.Http.GetAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await host.QueryAsync("SELECT count(*) FROM secrets WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["0"]);
        (await host.QueryAsync("SELECT count(*) FROM domain_ip_assignments WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["0"]);
    }

    private static async Task<JsonNode> PatchAsync(TenantClient tenant, JsonNode domain, object change) =>
        await (await tenant.Http.PatchAsJsonAsync($"domains/{domain.Id()}", change, Ct)).ReadAsync(Ct);

    private static async Task<IReadOnlyList<Guid>> IdsAsync(TenantClient tenant, string query) =>
        [.. (await tenant.GetAsync($"domains{query}", Ct))["items"]!.AsArray().Select(item => item!.Id())];

    private static async Task<IReadOnlyList<Guid>> PrimaryAsync(TenantClient tenant) => [.. (await tenant.GetAsync("domains", Ct))["items"]!.AsArray()
        .Where(item => item!["isPrimary"]!.GetValue<bool>() && item["companyId"]!.GetValue<Guid>() == tenant.CompanyId).Select(item => item!.Id())];
}
