using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Tests.Campaigns;

namespace PenguinMails.Tests.Infrastructure;

public sealed class DomainVerificationTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("external")]
    [InlineData("platform")]
    public async Task A_domain_whose_records_are_published_as_shown_verifies(string mailHosting)
    {
        host.Dns.Set("_spf.penguinmails.com", "TXT", "v=spf1 ip4:192.0.2.0/24 -all");
        var scene = await DomainScene.AddAsync(host, Ct, mailHosting, trackingHost: "track");
        await scene.PublishAsync(Ct);

        var domain = await scene.VerifyAsync(Ct);

        domain["dnsRecords"]!.AsArray().Select(record => $"{record!.Text("purpose")} {record!.Text("status")} {record!.Number("attempts")} {record!["error"]}")
            .ShouldBe(["spf verified 1 ", "dkim verified 1 ", "dmarc verified 1 ", "mx verified 1 ", "tracking verified 1 "]);
        domain.Text("verificationStatus").ShouldBe("verified");
        domain["verified"].ShouldNotBeNull();
        DomainScene.RecordOf(domain, "spf").Text("found").ShouldContain("1 of 10 lookups");
    }

    [Theory]
    [InlineData("spf", "TXT", "@", "has no SPF record")]
    [InlineData("spf", "TXT", "@", "lacks include:_spf.penguinmails.com", "v=spf1 ip4:192.0.2.1 -all")]
    [InlineData("dkim", "TXT", "pm._domainkey.@", "has no DKIM record")]
    [InlineData("dkim", "TXT", "pm._domainkey.@", "has no DKIM record", "v=spf1 -all")]
    [InlineData("dkim", "TXT", "pm._domainkey.@", "holds another key", "v=DKIM1; k=rsa; p=MIIBIjANBgkq")]
    [InlineData("dkim", "TXT", "pm._domainkey.@", "holds another key", "v=DKIM1; k=ed25519; p={key}")]
    [InlineData("dkim", "TXT", "pm._domainkey.@", "is revoked", "v=DKIM1; p=")]
    [InlineData("dkim", "TXT", "pm._domainkey.@", "does not allow SHA-256", "v=DKIM1; h=sha1; p={key}")]
    [InlineData("dkim", "TXT", "pm._domainkey.@", "is not for e-mail", "v=DKIM1; s=other; p={key}")]
    [InlineData("dkim", "TXT", "pm._domainkey.@", "must begin with v=DKIM1", "p={key}; v=DKIM1")]
    [InlineData("dkim", "TXT", "pm._domainkey.@", "has 2 DKIM records", "p={key}", "v=DKIM1; p={key}")]
    [InlineData("dkim", "TXT", "pm._domainkey.@", "has no DKIM record", "v=DKIM1; P={key}")]
    [InlineData("mx", "MX", "@", "has no MX record")]
    [InlineData("mx", "MX", "@", "after others", "10 mx.penguinmails.com", "5 mx.elsewhere.example")]
    [InlineData("mx", "MX", "@", "takes no mail (RFC 7505)", "0 .")]
    [InlineData("mx", "MX", "@", "do not name mx.penguinmails.com", "10 mx.elsewhere.example")]
    public async Task Says_of_each_record_what_is_wrong_with_it(string purpose, string type, string name, string error, params string[] published)
    {
        host.Dns.Set("_spf.penguinmails.com", "TXT", "v=spf1 ip4:192.0.2.0/24 -all");
        var scene = await DomainScene.AddAsync(host, Ct, "platform");
        await scene.PublishAsync(Ct);
        var key = DomainScene.RecordOf(await scene.StateAsync(Ct), "dkim").Text("value").Split("p=")[1];
        host.Dns.Set(name.Replace("@", scene.Name), type, [.. published.Select(value => value.Replace("{key}", key))]);

        var domain = await scene.VerifyAsync(Ct);

        domain.Text("verificationStatus").ShouldBe("failed");
        var record = DomainScene.RecordOf(domain, purpose);
        record.Text("status").ShouldBe("failed");
        record.Text("error").ShouldContain(error);
        domain["dnsRecords"]!.AsArray().Count(other => other!.Text("status") == "verified").ShouldBe(3);
        domain["verified"].ShouldBeNull();
    }

    [Theory]
    [InlineData("p={key}")]
    [InlineData(" v=DKIM1 ; n=a note; t=s:y; h=sha1:sha256; s=email:other; k=rsa ;  p={folded} ;")]
    public async Task A_key_may_be_written_down_in_any_way(string value)
    {
        var scene = await DomainScene.AddAsync(host, Ct);
        await scene.PublishAsync(Ct);
        var key = DomainScene.RecordOf(await scene.StateAsync(Ct), "dkim").Text("value").Split("p=")[1];
        host.Dns.Set($"pm._domainkey.{scene.Name}", "TXT");
        // Whose record is an alias of where the key is.
        host.Dns.Set($"pm._domainkey.{scene.Name}", "CNAME", $"key.{scene.Name}");
        host.Dns.Set($"key.{scene.Name}", "TXT", value.Replace("{key}", key).Replace("{folded}", string.Join(" \t", key.Chunk(64).Select(part => new string(part)))));

        (await scene.VerifyAsync(Ct)).Text("verificationStatus").ShouldBe("verified");
    }

    [Theory]
    [InlineData("verified", "10 mx.@", "mx.@ AAAA 2001:db8::1")]
    [InlineData("failed", "10 mx.@", "other.@ A 192.0.2.1")]
    [InlineData("failed", "0 .", "other.@ A 192.0.2.1")]
    public async Task A_domain_with_a_server_of_its_own_needs_one_that_can_be_found(string status, string mx, string server)
    {
        var scene = await DomainScene.AddAsync(host, Ct);
        await scene.PublishAsync(Ct);
        host.Dns.Publish(scene.Name, "@ TXT v=spf1 ip4:192.0.2.1 -all", $"@ MX {mx}", server);

        var domain = await scene.VerifyAsync(Ct);

        DomainScene.RecordOf(domain, "mx").Text("status").ShouldBe(status);
        domain.Text("verificationStatus").ShouldBe(status);
    }

    [Fact]
    public async Task Ten_servers_are_looked_for_at_most()
    {
        var scene = await DomainScene.AddAsync(host, Ct);
        await scene.PublishAsync(Ct);
        host.Dns.Set(scene.Name, "MX", [.. Enumerable.Range(1, 11).Select(number => $"{number} mx{number}.{scene.Name}")]);
        host.Dns.Set($"mx11.{scene.Name}", "A", "192.0.2.1");

        DomainScene.RecordOf(await scene.VerifyAsync(Ct), "mx").Text("status").ShouldBe("failed");
        host.Dns.Set($"mx10.{scene.Name}", "A", "192.0.2.1");
        DomainScene.RecordOf(await scene.VerifyAsync(Ct), "mx").Text("status").ShouldBe("verified");
    }

    [Fact]
    public async Task Of_what_is_published_only_so_much_is_kept_as_can_be()
    {
        var scene = await DomainScene.AddAsync(host, Ct);
        await scene.PublishAsync(Ct);
        host.Dns.Set(scene.Name, "TXT", $@"v=spf1 a{'\0'}b\u0000c{new string('d', 2000)}");

        var record = DomainScene.RecordOf(await scene.VerifyAsync(Ct), "spf");

        record.Text("error").ShouldContain("'ab\uFFFDcddd");
        record.Text("found").ShouldStartWith("v=spf1 ab\uFFFDcddd");
        record.Text("found").Length.ShouldBe(1000);
    }

    [Fact]
    public async Task A_check_does_not_replace_what_one_that_began_later_has_found()
    {
        var scene = await DomainScene.AddAsync(host, Ct);
        await scene.PublishAsync(Ct);
        await host.QueryAsync("UPDATE domains SET last_checked = now() + interval '1 minute' WHERE id = $1", Ct, scene.Id);

        (await scene.VerifyAsync(Ct)).Text("verificationStatus").ShouldBe("pending");
        await host.QueryAsync("UPDATE domains SET last_checked = now() - interval '1 minute' WHERE id = $1", Ct, scene.Id);
        (await scene.VerifyAsync(Ct)).Text("verificationStatus").ShouldBe("verified");
    }

    [Fact]
    public async Task A_domain_is_checked_so_often_and_then_not_for_a_while()
    {
        var tenant = await host.ATenantAsync(Ct);
        var path = $"domains/{(await tenant.ADomainAsync(Ct)).Id()}/verify";

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => tenant.Http.PostAsync(path, null, Ct)));

        // Once it was when it was made.
        answers.Count(answer => answer.IsSuccessStatusCode).ShouldBe(9);
        var refused = answers.First(answer => !answer.IsSuccessStatusCode);
        await refused.ProblemAsync(HttpStatusCode.TooManyRequests, Ct);
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData(nameof(DnsTrouble.ServFail))]
    [InlineData(nameof(DnsTrouble.Refused))]
    [InlineData(nameof(DnsTrouble.Silence))]
    public async Task What_dns_cannot_tell_is_an_error_and_changes_nothing(string kind)
    {
        var trouble = Enum.Parse<DnsTrouble>(kind);
        var (fresh, verified) = (await DomainScene.AddAsync(host, Ct), await DomainScene.VerifiedAsync(host, Ct));
        await fresh.PublishAsync(Ct);
        foreach (var name in new[] { fresh.Name, verified.Name })
        {
            host.Dns.Trouble(name, trouble);
        }

        var (first, second) = (await fresh.VerifyAsync(Ct), await verified.AnHourLaterAsync(Ct));

        foreach (var domain in new[] { first, second })
        {
            domain["dnsRecords"]!.AsArray().Select(record => $"{record!.Text("purpose")} {record!.Text("status")}")
                .ShouldBe(["spf error", "dkim verified", "dmarc verified", "mx error"]);
            DomainScene.RecordOf(domain, "mx").Text("error").ShouldStartWith("DNS ");
        }

        first.Text("verificationStatus").ShouldBe("verifying");
        second.Text("verificationStatus").ShouldBe("verified");
        host.Dns.Trouble(fresh.Name, null);
        (await fresh.VerifyAsync(Ct)).Text("verificationStatus").ShouldBe("verified");
    }

    [Fact]
    public async Task An_answer_too_long_for_udp_is_asked_for_over_tcp()
    {
        var scene = await DomainScene.AddAsync(host, Ct);
        await scene.PublishAsync(Ct);
        host.Dns.Trouble($"pm._domainkey.{scene.Name}", DnsTrouble.Truncation);

        (await scene.VerifyAsync(Ct)).Text("verificationStatus").ShouldBe("verified");
        host.Dns.Questions.Count(question => question == $"TXT pm._domainkey.{scene.Name}").ShouldBe(2);
    }

    [Fact]
    public async Task A_verified_domain_degrades_when_two_checks_in_a_row_find_it_wrong_and_is_restored()
    {
        var scene = await DomainScene.VerifiedAsync(host, Ct);
        var mailbox = await scene.AMailboxAsync(Ct);
        var since = (await scene.StateAsync(Ct)).Text("verified");
        host.Dns.Set(scene.Name, "MX");

        // Whoever asks sees it, and does no harm.
        (await scene.VerifyAsync(Ct)).Text("verificationStatus").ShouldBe("verified");
        (await scene.VerifyAsync(Ct)).Text("verificationStatus").ShouldBe("verified");
        (await scene.AnHourLaterAsync(Ct)).Text("verificationStatus").ShouldBe("verified");
        var degraded = await scene.AnHourLaterAsync(Ct);

        degraded.Text("verificationStatus").ShouldBe("degraded");
        degraded.Text("verified").ShouldBe(since);
        var notification = (await scene.Tenant.GetAsync("notifications", Ct))["items"]!.AsArray().Single()!;
        notification.Text("title").ShouldBe($"{scene.Name} is degraded");
        notification.Text("message").ShouldContain("has no MX record");
        var launch = await LaunchAsync(scene, mailbox);
        (await launch.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).ToJsonString().ShouldContain("no longer as they must be");

        await scene.PublishAsync(Ct);
        var restored = await scene.AnHourLaterAsync(Ct);
        restored.Text("verificationStatus").ShouldBe("verified");
        restored.Text("verified").ShouldNotBe(since);
        (await host.QueryAsync("SELECT auto_resolve_after IS NOT NULL, alert_count FROM system_notifications WHERE tenant_id = $1", Ct, scene.Tenant.TenantId))
            .ShouldBe(["True|1"]);
        (await LaunchAsync(scene, mailbox)).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task One_check_that_finds_it_right_begins_the_count_anew()
    {
        var scene = await DomainScene.VerifiedAsync(host, Ct);
        foreach (var _ in Enumerable.Range(0, 2))
        {
            host.Dns.Set(scene.Name, "MX");
            (await scene.AnHourLaterAsync(Ct)).Text("verificationStatus").ShouldBe("verified");
            await scene.PublishAsync(Ct);
            (await scene.AnHourLaterAsync(Ct)).Text("verificationStatus").ShouldBe("verified");
        }
    }

    [Fact]
    public async Task Without_a_dmarc_policy_a_domain_verifies_but_no_campaign_begins()
    {
        var scene = await DomainScene.AddAsync(host, Ct);
        await scene.PublishAsync(Ct);
        host.Dns.Set($"_dmarc.{scene.Name}", "TXT");
        var domain = await scene.VerifyAsync(Ct);
        var mailbox = await scene.AMailboxAsync(Ct);

        var refused = await (await LaunchAsync(scene, mailbox)).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct);
        host.Dns.Set($"_dmarc.{scene.Name}", "TXT", "v=DMARC1; p=none");
        await scene.VerifyAsync(Ct);
        var launched = await LaunchAsync(scene, mailbox);
        host.Dns.Set($"_dmarc.{scene.Name}", "TXT");
        await scene.VerifyAsync(Ct);

        domain.Text("verificationStatus").ShouldBe("verified");
        DomainScene.RecordOf(domain, "dmarc").Text("neededFor").ShouldBe("launch");
        refused.Fields().ShouldBe(["emailAccounts"]);
        refused.Text("title").ShouldContain($"{scene.Name} has no DMARC policy");
        launched.IsSuccessStatusCode.ShouldBeTrue(await launched.Content.ReadAsStringAsync(Ct));
        // What runs goes on.
        await using var scope = host.ScopeOf(scene.Tenant.TenantId);
        var details = (await scope.ServiceProvider.GetRequiredService<ISender>().Send(new GetMailboxes([mailbox.Id()]), Ct)).Single();
        (details.Usable, details.Problem).ShouldBe((true, null));
        details.LaunchProblem.ShouldNotBeNull();
    }

    [Fact]
    public async Task The_job_looks_often_at_what_is_new_and_hourly_at_the_rest()
    {
        var (young, old, settled) = (await DomainScene.AddAsync(host, Ct), await DomainScene.AddAsync(host, Ct), await DomainScene.VerifiedAsync(host, Ct));
        await host.QueryAsync("UPDATE domains SET created = now() - interval '3 days' WHERE id = ANY ($1)", Ct, new[] { old.Id, settled.Id });
        await AgoAsync("10 minutes", young, old, settled);

        // The job runs for all.
        await young.AnHourLaterAsync(Ct);
        (await AttemptsAsync(old, settled)).ShouldBe([0, 1]);
        await AgoAsync("10 minutes", young);
        await old.AnHourLaterAsync(Ct);
        (await AttemptsAsync(young, old)).ShouldBe([2, 1]);
        await settled.AnHourLaterAsync(Ct);
        (await AttemptsAsync(young, old, settled)).ShouldBe([2, 1, 2]);
    }

    [Fact]
    public async Task The_job_goes_through_all_that_a_tenant_has()
    {
        const int many = 501;
        var tenant = await host.ATenantAsync(Ct);
        var domain = await tenant.ADomainAsync(Ct);
        await host.QueryAsync("""
            INSERT INTO domains (id, tenant_id, company_id, domain, dns_records, dkim_key_path, last_checked)
            SELECT gen_random_uuid(), tenant_id, company_id, 'n' || n || '-' || domain, dns_records, 'none', now() - interval '1 hour'
            FROM domains, generate_series(1, $2) n WHERE id = $1
            """, Ct, domain.Id(), many);

        await new DomainScene(host, tenant, domain.Id(), domain.Text("domain")).AnHourLaterAsync(Ct);

        (await host.QueryAsync("SELECT verification_status, count(*) FROM domains WHERE tenant_id = $1 GROUP BY 1", Ct, tenant.TenantId))
            .ShouldBe([$"verified|{many + 1}"]);
        await host.QueryAsync("DELETE FROM domains WHERE dkim_key_path = 'none' AND tenant_id = $1", Ct, tenant.TenantId);
    }

    private async Task AgoAsync(string interval, params DomainScene[] scenes) => await host.QueryAsync(
        "UPDATE domains SET last_checked = now() - $2::interval WHERE id = ANY ($1)", Ct, scenes.Select(scene => scene.Id).ToArray(), interval);

    private static async Task<int[]> AttemptsAsync(params DomainScene[] scenes) =>
        [.. (await Task.WhenAll(scenes.Select(scene => scene.StateAsync(Ct)))).Select(domain => DomainScene.RecordOf(domain, "mx").Number("attempts"))];

    private static async Task<HttpResponseMessage> LaunchAsync(DomainScene scene, JsonNode mailbox)
    {
        var template = await scene.Tenant.ATemplateAsync(Ct);
        var campaign = await CampaignScene.DraftAsync(
            scene.Host, scene.Tenant, [mailbox], await scene.Tenant.AListAsync(1, Ct), Ct, CampaignScene.Email(template));
        return await scene.Tenant.Http.PostAsJsonAsync($"campaigns/{campaign.Id}/launch", new { }, Ct);
    }
}
