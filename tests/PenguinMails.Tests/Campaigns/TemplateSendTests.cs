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
}
