using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PenguinMails.Host.Embedded.Mail;

namespace PenguinMails.Tests.Campaigns;

public sealed class TestSendTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_test_goes_to_the_caller_counts_against_the_mailbox_and_its_link_unsubscribes_nobody()
    {
        await using var sink = new FaultySink();
        var (tenant, mailbox, template) = await SceneAsync(sink);

        var sent = await SendAsync(tenant, template, mailbox, tenant.Email);

        (await sent.ReadAsync(Ct)).Text("reply").ShouldStartWith("250");
        var message = sink.Taken.Single();
        message.Subject.ShouldBe("[Test] Hello Jane");
        message.To.Mailboxes.Single().Address.ShouldBe(tenant.Email);
        message.From.Mailboxes.Single().Address.ShouldBe(mailbox.Text("email"));
        var link = new Uri(UnsubscribeTests.LinkOf(message));
        link.AbsolutePath.ShouldBe("/u/test");
        using var browser = new HttpClient();
        foreach (var answer in new[] { await browser.GetAsync($"{host.Url}{link.AbsolutePath}", Ct), await browser.PostAsync($"{host.Url}{link.AbsolutePath}", null, Ct) })
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await answer.Content.ReadAsStringAsync(Ct)).ShouldContain("nobody is unsubscribed");
        }

        (await host.QueryAsync("SELECT daily_count FROM email_accounts WHERE id = $1", Ct, mailbox.Id())).ShouldBe(["1"]);
        (await host.QueryAsync("SELECT id FROM campaign_leads WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBeEmpty();
        (await host.QueryAsync("SELECT used FROM usage_counters WHERE tenant_id = $1 AND metric = 'emails'", Ct, tenant.TenantId)).ShouldBe(["1"]);
        (await host.QueryAsync("SELECT sent FROM warmup_log WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["1"]);
    }

    [Fact]
    public async Task Without_a_subscription_nothing_is_sent()
    {
        await using var sink = new FaultySink();
        var (tenant, mailbox, template) = await SceneAsync(sink);
        await host.QueryAsync("UPDATE subscriptions SET status = 'unpaid' WHERE tenant_id = $1", Ct, tenant.TenantId);

        var refused = await SendAsync(tenant, template, mailbox, tenant.Email);

        (await refused.ProblemAsync(HttpStatusCode.PaymentRequired, Ct)).Fields().ShouldBe(["subscription"]);
        sink.Taken.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_test_with_a_lead_goes_to_an_address_of_a_verified_domain_and_to_nobody_else()
    {
        await using var sink = new FaultySink();
        var (tenant, mailbox, template) = await SceneAsync(sink);
        await tenant.AListAsync(1, Ct);
        var lead = (await tenant.GetAsync("leads", Ct))["items"]![0]!.Id();
        var domain = mailbox.Text("email").Split('@')[1];

        (await SendAsync(tenant, template, mailbox, $"anyone@{domain.ToUpperInvariant()}", lead)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var refused = new List<HttpResponseMessage>();
        foreach (var to in new[] { "lead1@recipient.example", $"a@x.{domain}", $"a@{domain}@recipient.example", $"a b@{domain}" })
        {
            refused.Add(await SendAsync(tenant, template, mailbox, to));
        }

        refused.Select(answer => (int)answer.StatusCode).ShouldBe([422, 422, 400, 400]);
        (await SendAsync(tenant, template, mailbox, tenant.Email, Guid.CreateVersion7())).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        sink.Taken.Single().Subject.ShouldBe("[Test] Hello Lead1");
    }

    [Fact]
    public async Task The_servers_refusal_is_told()
    {
        await using var sink = new FaultySink { OnRecipient = () => new SmtpReply(550, "5.1.1 Nobody here") };
        var (tenant, mailbox, template) = await SceneAsync(sink);

        var refused = await (await SendAsync(tenant, template, mailbox, tenant.Email)).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct);
        sink.OnRecipient = null;
        sink.OnMessage = () => Task.FromResult(SmtpReply.Drop);
        var lost = await SendAsync(tenant, template, mailbox, tenant.Email);

        refused.Text("title").ShouldContain("5.1.1 Nobody here");
        lost.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
    }

    [Fact]
    public async Task Nobody_sends_more_than_twenty_tests_an_hour()
    {
        await using var sink = new FaultySink();
        var (tenant, mailbox, template) = await SceneAsync(sink);

        for (var number = 0; number < 20; number++)
        {
            (await SendAsync(tenant, template, mailbox, tenant.Email)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var answer = await SendAsync(tenant, template, mailbox, tenant.Email);
        await answer.ProblemAsync(HttpStatusCode.TooManyRequests, Ct);
        var wait = answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds;
        wait.ShouldBeInRange(1, 3600);
        new[] { "Limit", "Remaining", "Reset" }.Select(header => answer.Headers.GetValues($"RateLimit-{header}").Single()).ShouldBe(["20", "0", $"{wait}"]);
        sink.Taken.Count.ShouldBe(20);
    }

    private async Task<(TenantClient Tenant, JsonNode Mailbox, JsonNode Template)> SceneAsync(FaultySink sink)
    {
        var tenant = await host.ATenantAsync(Ct);
        return (tenant, await tenant.AMailboxAtAsync(sink, Ct), await tenant.ATemplateAsync(Ct));
    }

    private static Task<HttpResponseMessage> SendAsync(TenantClient tenant, JsonNode template, JsonNode mailbox, string to, Guid? lead = null) =>
        tenant.Http.PostAsJsonAsync($"templates/{template.Id()}/test-send", new { To = to, EmailAccountId = mailbox.Id(), LeadId = lead }, Ct);
}
