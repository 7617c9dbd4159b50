using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PenguinMails.Campaigns.Sending;

namespace PenguinMails.Tests.Campaigns;

public sealed class CampaignPreviewTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_preview_shows_who_gets_which_text_from_where_and_when()
    {
        var tenant = await host.ATenantAsync(Ct);
        JsonNode[] pool = [await tenant.AMailboxAsync(Ct), await tenant.AMailboxAsync(Ct)];
        var (first, second) = (await tenant.ATemplateAsync(Ct), await tenant.ATemplateAsync(Ct, "Not used", "<p>Again, {{ first_name }}<script>x</script></p>"));
        var scene = await CampaignScene.DraftAsync(host, tenant, pool, await tenant.AListAsync(3, Ct), Ct,
            CampaignScene.Email(first), new { StepType = "wait", WaitDurationHours = 24 }, CampaignScene.Email(second));
        var step = (await scene.StateAsync(Ct))["steps"]![0]!.Id();
        var variant = await tenant.PostAsync($"campaigns/{scene.Id}/steps/{step}/variants", new { Name = "B", TemplateId = first.Id(), SubjectOverride = "B for {{ first_name }}" }, Ct);

        var preview = await tenant.GetAsync($"campaigns/{scene.Id}/preview?leads=2", Ct);

        var leads = preview["leads"]!.AsArray().Select(lead => lead!).ToList();
        leads.Count.ShouldBe(2);
        foreach (var lead in leads)
        {
            var name = lead.Text("email").Split('@')[0].Replace("lead", "Lead", StringComparison.Ordinal);
            var steps = lead["steps"]!.AsArray().Select(one => one!).ToList();
            lead["emailAccountId"]!.GetValue<Guid>().ShouldBe(
                StableChoice.MailboxOf(lead["leadId"]!.GetValue<Guid>(), pool.Select(mailbox => mailbox.Id()))!.Value);
            pool.Select(mailbox => mailbox.Text("email")).ShouldContain(lead.Text("from"));
            steps.Select(one => one.Text("stepType")).ShouldBe(["email", "wait", "email"]);
            (steps[0].Text("subject"), steps[0]["variantId"]!.GetValue<Guid>(), steps[0].Text("variant")).ShouldBe(($"B for {name}", variant.Id(), "B"));
            steps[2].Text("subject").ShouldBe($"Re: B for {name}");
            steps[2].Text("text").ShouldContain($"Again, {name}");
            steps[2].Text("html").ShouldContain("Some Company, 1 Some Street, Some Town");
            steps[2].Text("html").ShouldNotContain("script");
            (At(steps[2]) - At(steps[0])).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromHours(24));
        }
    }

    [Fact]
    public async Task A_preview_of_a_scheduled_campaign_begins_when_it_does_and_changes_nothing()
    {
        var tenant = await host.ATenantAsync(Ct);
        var scene = await CampaignScene.DraftAsync(host, tenant, [await tenant.AMailboxAsync(Ct)], await tenant.AListAsync(1, Ct), Ct,
            CampaignScene.Email(await tenant.ATemplateAsync(Ct)));
        var at = TimeProvider.System.GetUtcNow().AddDays(9);
        await tenant.PostAsync($"campaigns/{scene.Id}/schedule", new { At = at }, Ct);

        var preview = await tenant.GetAsync($"campaigns/{scene.Id}/preview", Ct);

        At(preview["leads"]![0]!["steps"]![0]!).ShouldBe(at, TimeSpan.FromMilliseconds(1));
        (await scene.MessagesAsync(Ct)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(51)]
    public async Task A_preview_is_of_one_to_fifty_leads(int leads)
    {
        var tenant = await host.ATenantAsync(Ct);
        var campaign = await tenant.PostAsync("campaigns", new { tenant.CompanyId, Name = "C" }, Ct);

        var answer = await tenant.Http.GetAsync($"campaigns/{campaign.Id()}/preview?leads={leads}", Ct);

        (await answer.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["leads"]);
    }

    [Fact]
    public async Task A_test_run_mails_each_email_of_the_sequence_to_the_caller_and_tells_the_replies()
    {
        await using var sink = new FaultySink();
        var tenant = await host.ATenantAsync(Ct);
        var template = await tenant.ATemplateAsync(Ct);
        var scene = await CampaignScene.DraftAsync(host, tenant, [await tenant.AMailboxAtAsync(sink, Ct)], await tenant.AListAsync(1, Ct), Ct,
            CampaignScene.Email(template), new { StepType = "wait", WaitDurationHours = 24 },
            new { StepType = "email", TemplateId = template.Id(), SubjectOverride = "Own for {{ first_name }}", FromNameOverride = "Boss" });

        var run = await tenant.PostAsync($"campaigns/{scene.Id}/test-run", new { To = tenant.Email }, Ct);

        var items = run["items"]!.AsArray().Select(item => item!).ToList();
        items.Select(item => (item.Number("stepOrder"), item.Text("result"), item.Text("subject")))
            .ShouldBe([(1, "accepted", "[Test] Hello Jane"), (3, "accepted", "[Test] Own for Jane")]);
        items.ShouldAllBe(item => item.Text("reply").StartsWith("250"));
        sink.Taken.Select(message => message.Subject).ShouldBe(["[Test] Hello Jane", "[Test] Own for Jane"]);
        sink.Taken.ShouldAllBe(message => message.To.Mailboxes.Single().Address == tenant.Email);
        sink.Taken.Last().From.Mailboxes.Single().Name.ShouldBe("Boss");
        (await host.QueryAsync("SELECT status FROM campaign_leads WHERE campaign_id = $1", Ct, scene.Id)).ShouldBe(["pending"]);
        (await host.QueryAsync("SELECT used FROM usage_counters WHERE tenant_id = $1 AND metric = 'emails'", Ct, tenant.TenantId)).ShouldBe(["2"]);
    }

    [Fact]
    public async Task A_test_run_goes_to_nobody_else_and_needs_steps_a_mailbox_and_a_lead_that_there_is()
    {
        await using var sink = new FaultySink();
        var tenant = await host.ATenantAsync(Ct);
        var empty = await tenant.PostAsync("campaigns", new { tenant.CompanyId, Name = "Empty" }, Ct);
        var mailbox = await tenant.AMailboxAtAsync(sink, Ct);
        var scene = await CampaignScene.DraftAsync(host, tenant, [], await tenant.AListAsync(1, Ct), Ct, CampaignScene.Email(await tenant.ATemplateAsync(Ct)));

        Task<HttpResponseMessage> RunAsync(Guid campaign, object body) => tenant.Http.PostAsJsonAsync($"campaigns/{campaign}/test-run", body, Ct);
        var noStep = await RunAsync(empty.Id(), new { To = tenant.Email });
        var noMailbox = await RunAsync(scene.Id, new { To = tenant.Email });
        var stranger = await RunAsync(scene.Id, new { To = "lead1@recipient.example", EmailAccountId = mailbox.Id() });
        var noLead = await RunAsync(scene.Id, new { To = tenant.Email, EmailAccountId = mailbox.Id(), LeadId = Guid.CreateVersion7() });
        var unknown = await RunAsync(scene.Id, new { To = tenant.Email, EmailAccountId = Guid.CreateVersion7() });

        (await noStep.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["steps"]);
        (await noMailbox.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["emailAccountId"]);
        (await stranger.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["to"]);
        new[] { noLead, unknown }.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.NotFound);
        sink.Taken.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_test_run_counts_against_the_tests_of_an_hour()
    {
        await using var sink = new FaultySink();
        var scene = await CampaignScene.DraftAsync(host, sink, 1, Ct, emails: 15);
        var (tenant, body) = (scene.Tenant, new { To = scene.Tenant.Email });

        var first = await tenant.PostAsync($"campaigns/{scene.Id}/test-run", body, Ct);
        var second = await tenant.PostAsync($"campaigns/{scene.Id}/test-run", body, Ct);
        var third = await tenant.Http.PostAsJsonAsync($"campaigns/{scene.Id}/test-run", body, Ct);

        first["items"]!.AsArray().Count(item => item!["result"] is not null).ShouldBe(15);
        second["items"]!.AsArray().Count(item => item!["result"] is not null).ShouldBe(5);
        await third.ProblemAsync(HttpStatusCode.TooManyRequests, Ct);
        sink.Taken.Count.ShouldBe(20);
    }

    private static DateTimeOffset At(JsonNode step) => step["at"]!.GetValue<DateTimeOffset>();
}
