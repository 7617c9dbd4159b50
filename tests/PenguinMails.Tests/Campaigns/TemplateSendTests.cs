namespace PenguinMails.Tests.Campaigns;

public sealed class TemplateSendTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_campaign_sends_each_lead_one_of_the_alternatives_and_its_values_as_they_are()
    {
        await using var sink = new FaultySink();
        var tenant = await host.ATenantAsync(Ct);
        const string hostile = "{{ 7 | times: 7 }} {a|b} <i> %}";
        var list = await tenant.AListOfAsync($"email,first_name\nann@recipient.example,{hostile}\nbob@recipient.example,\"Bob\nBcc: thief@elsewhere.example\"\n", Ct);
        var template = await tenant.PostAsync("templates", new
        {
            Name = "T",
            Subject = "{Hi|Hello} {{ first_name }}",
            Content = "<p>{One|Two} {{ first_name }} {{ unsubscribe_url | size }}</p>",
            TextContent = "{Three|Four} {{ first_name }}",
        }, Ct);
        var scene = await CampaignScene.DraftAsync(host, tenant, [await tenant.AMailboxAtAsync(sink, Ct)], list, Ct, CampaignScene.Email(template));

        await scene.LaunchAsync(Ct);
        await scene.CompletedAsync(Ct);

        var (ann, bob) = (sink.Taken.Single(mail => mail.To.Mailboxes.Single().Address.StartsWith("ann")), sink.Taken.Single(mail => mail.To.Mailboxes.Single().Address.StartsWith("bob")));
        ann.Subject.ShouldBeOneOf($"Hi {hostile}", $"Hello {hostile}");
        ann.HtmlBody!.ShouldMatch(@"<p>(One|Two) \{\{ 7 \| times: 7 \}\} \{a\|b\} &lt;i&gt; %\} \d+</p>");
        ann.TextBody!.ReplaceLineEndings("\n").ShouldMatch(
            @"\A(Three|Four) \{\{ 7 \| times: 7 \}\} \{a\|b\} <i> %\}\n\nSome Company, 1 Some Street, Some Town\nUnsubscribe: http\S+\n\z");
        bob.Subject.ShouldBeOneOf("Hi Bob Bcc: thief@elsewhere.example", "Hello Bob Bcc: thief@elsewhere.example");
        (bob.Bcc.Count, bob.Headers.Count(header => header.Field == "Bcc")).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_lead_whose_values_make_too_much_of_it_fails_alone_and_shows()
    {
        await using var sink = new FaultySink();
        var tenant = await host.ATenantAsync(Ct);
        var list = await tenant.AListOfAsync($"email,custom.times\nann@recipient.example,{new string('x', 3000)}\nbob@recipient.example,x\n", Ct);
        var template = await tenant.ATemplateAsync(Ct, "S",
            "{% assign a = custom.times %}{% for i in (1..4) %}{% assign a = a | replace: 'x', 'xxxxxxxxxx' %}{% endfor %}<p>{{ a }}</p>");
        var scene = await CampaignScene.DraftAsync(host, tenant, [await tenant.AMailboxAtAsync(sink, Ct)], list, Ct, CampaignScene.Email(template));

        await scene.LaunchAsync(Ct);
        await scene.CompletedAsync(Ct);

        var messages = await scene.MessagesAsync(Ct);
        messages.Select(message => $"{message.Text("toAddress")} {message.Text("status")}").ShouldBe(
            ["ann@recipient.example failed", "bob@recipient.example sent"], ignoreOrder: true);
        messages.Single(message => message.Text("status") == "failed").Text("error").ShouldContain("more work than a message may take");
        (await host.QueryAsync("SELECT status, exit_reason FROM campaign_leads WHERE campaign_id = $1 ORDER BY status", Ct, scene.Id))
            .ShouldBe(["completed|", "exited|failed"]);
    }

    [Fact]
    public async Task A_lead_whose_values_hide_the_footer_fails_alone()
    {
        await using var sink = new FaultySink();
        var tenant = await host.ATenantAsync(Ct);
        var list = await tenant.AListOfAsync("email,custom.x\nann@recipient.example,1\nbob@recipient.example,\n", Ct);
        var template = await tenant.ATemplateAsync(Ct, "S", "<p>Text</p>{% if custom.x %}<!--{% endif %}");
        var scene = await CampaignScene.DraftAsync(host, tenant, [await tenant.AMailboxAtAsync(sink, Ct)], list, Ct, CampaignScene.Email(template));

        await scene.LaunchAsync(Ct);
        await scene.CompletedAsync(Ct);

        (await scene.MessagesAsync(Ct)).Single(message => message.Text("status") == "failed").Text("error").ShouldContain("unsubscribe");
        sink.Taken.Single().To.Mailboxes.Single().Address.ShouldBe("bob@recipient.example");
    }

    [Fact]
    public async Task Half_a_character_and_a_subject_without_end_are_mended()
    {
        await using var sink = new FaultySink();
        var tenant = await host.ATenantAsync(Ct);
        var list = await tenant.AListOfAsync("email,first_name\nann@recipient.example,\U0001F427ann\n", Ct);
        var template = await tenant.ATemplateAsync(Ct, "{{ first_name | slice: 0, 1 }}{% for i in (1..100) %}0123456789abcde{% endfor %}", "<p>{{ first_name | slice: 0, 1 }}</p>");
        var scene = await CampaignScene.DraftAsync(host, tenant, [await tenant.AMailboxAtAsync(sink, Ct)], list, Ct, CampaignScene.Email(template));

        await scene.LaunchAsync(Ct);
        await scene.CompletedAsync(Ct);

        var sent = sink.Taken.Single();
        (sent.Subject![..3], sent.Subject!.Length).ShouldBe(("\uFFFD01", 990));
        sent.HtmlBody!.ShouldContain("<p>&#xFFFD;</p>");
    }

    [Fact]
    public async Task A_template_that_cannot_be_sent_any_more_pauses_the_campaign_and_loses_no_lead()
    {
        await using var sink = new FaultySink();
        var scene = await CampaignScene.DraftAsync(host, sink, leads: 3, Ct);
        // As newer rules might leave it.
        await host.QueryAsync("UPDATE templates SET content = '{% gone %}' WHERE tenant_id = $1", Ct, scene.Tenant.TenantId);
        await host.QueryAsync("UPDATE campaign_leads SET next_run = now() WHERE campaign_id = $1", Ct, scene.Id);
        await host.QueryAsync("UPDATE campaigns SET status = 'sending', started = now() WHERE id = $1", Ct, scene.Id);

        await Given.EventuallyAsync(() => scene.StateAsync(Ct), state => state.Text("status") == "paused", Ct);

        (await host.QueryAsync("SELECT pause_reason FROM campaigns WHERE id = $1", Ct, scene.Id)).Single().ShouldContain("there is no tag 'gone'");
        (await Given.EventuallyAsync(
            () => host.QueryAsync("SELECT DISTINCT status FROM campaign_leads WHERE campaign_id = $1 AND lease_owner IS NULL", Ct, scene.Id),
            states => states is ["pending"], Ct)).Count.ShouldBe(1);
        sink.Taken.ShouldBeEmpty();
        await host.QueryAsync("UPDATE templates SET content = '<p>Mended</p>' WHERE tenant_id = $1", Ct, scene.Tenant.TenantId);
        await scene.Tenant.PostAsync($"campaigns/{scene.Id}/resume", new { }, Ct);
        await scene.CompletedAsync(Ct);
        sink.Taken.Count.ShouldBe(3);
    }
}
