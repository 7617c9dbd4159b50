using System.Net;
using System.Net.Http.Json;
using PenguinMails.Host.Embedded.Mail;

namespace PenguinMails.Tests.Campaigns;

public sealed class LaunchTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_empty_campaign_is_told_all_that_it_lacks_at_once()
    {
        var tenant = await host.ATenantAsync(Ct);
        var company = await tenant.PostAsync("companies", new { Name = "Without an address" }, Ct);
        var campaign = await tenant.PostAsync("campaigns", new { CompanyId = company.Id(), Name = "C" }, Ct);

        var problem = await ProblemAsync(tenant, campaign.Id(), HttpStatusCode.UnprocessableEntity);

        problem.ShouldBe(["company.postalAddress", "leads", "steps"]);
    }

    [Fact]
    public async Task A_campaign_with_a_step_is_told_what_is_wrong_with_template_mailbox_and_subscription()
    {
        var tenant = await host.ATenantAsync(Ct);
        var company = await tenant.PostAsync("companies", new { Name = "Without an address" }, Ct);
        var campaign = await tenant.PostAsync("campaigns", new { CompanyId = company.Id(), Name = "C" }, Ct);
        var template = await tenant.ATemplateAsync(Ct);
        await tenant.PostAsync($"campaigns/{campaign.Id()}/steps", CampaignScene.Email(template), Ct);
        // As a later version, or somebody at the database, might leave them.
        await host.QueryAsync("UPDATE templates SET text_content = '{{ gone }}' WHERE id = $1", Ct, template.Id());
        await host.QueryAsync("UPDATE subscriptions SET status = 'unpaid' WHERE tenant_id = $1", Ct, tenant.TenantId);

        var problem = await ProblemAsync(tenant, campaign.Id(), HttpStatusCode.PaymentRequired);

        problem.ShouldBe(["company.postalAddress", "emailAccounts", "leads", "subscription", "templates"]);
    }

    [Fact]
    public async Task A_mailbox_that_is_paused_or_whose_domain_is_not_verified_keeps_a_campaign_from_launching()
    {
        var tenant = await host.ATenantAsync(Ct);
        var (paused, unverified) = (await tenant.AMailboxAsync(Ct), await tenant.AMailboxAsync(Ct));
        await tenant.PostAsync($"email-accounts/{paused.Id()}/pause", new { }, Ct);
        await host.QueryAsync("UPDATE domains SET verification_status = 'failed' WHERE id = $1", Ct, unverified["domainId"]!.GetValue<Guid>());
        var template = await tenant.ATemplateAsync(Ct);
        var scene = await CampaignScene.DraftAsync(
            host, tenant, [paused, unverified], await tenant.AListAsync(1, Ct), Ct, CampaignScene.Email(template));

        var answer = await tenant.Http.PostAsJsonAsync($"campaigns/{scene.Id}/launch", new { }, Ct);

        var problem = await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct);
        problem.Fields().ShouldBe(["emailAccounts"]);
        var reasons = problem["errors"]!["emailAccounts"]!.AsArray().Select(reason => reason!.GetValue<string>()).ToList();
        reasons.ShouldContain(reason => reason.StartsWith(paused.Text("email"), StringComparison.Ordinal) && reason.Contains("paused"));
        reasons.ShouldContain(reason => reason.StartsWith(unverified.Text("email"), StringComparison.Ordinal) && reason.Contains("not verified"));
        (await scene.StateAsync(Ct)).Text("status").ShouldBe("draft");
    }

    [Fact]
    public async Task A_launched_campaign_is_neither_launched_again_nor_given_more_steps()
    {
        var tenant = await host.ATenantAsync(Ct);
        var template = await tenant.ATemplateAsync(Ct);
        var list = await tenant.AListAsync(1, Ct);
        var scene = await CampaignScene.DraftAsync(host, tenant, [await tenant.AMailboxAsync(Ct)], list, Ct, CampaignScene.Email(template));
        (await scene.LaunchAsync(Ct)).Number("leads").ShouldBe(1);

        await ProblemAsync(tenant, scene.Id, HttpStatusCode.Conflict);
        var step = await tenant.Http.PostAsJsonAsync($"campaigns/{scene.Id}/steps", CampaignScene.Email(template), Ct);
        await step.ProblemAsync(HttpStatusCode.Conflict, Ct);
    }

    [Fact]
    public async Task Of_two_launches_at_once_one_is_too_late()
    {
        var tenant = await host.ATenantAsync(Ct);
        var scene = await CampaignScene.DraftAsync(host, tenant, [await tenant.AMailboxAsync(Ct)], await tenant.AListAsync(1, Ct), Ct,
            CampaignScene.WaitUntil(TimeProvider.System.GetUtcNow().AddDays(1)), CampaignScene.Email(await tenant.ATemplateAsync(Ct)));

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => tenant.Http.PostAsJsonAsync($"campaigns/{scene.Id}/launch", new { }, Ct)));

        answers.Select(answer => (int)answer.StatusCode).Order().ShouldBe([200, 409, 409, 409]);
    }

    [Fact]
    public async Task A_paused_campaign_that_could_not_send_is_told_why_it_is_not_resumed()
    {
        var tenant = await host.ATenantAsync(Ct);
        var (first, second) = (await tenant.AMailboxAsync(Ct), await tenant.AMailboxAsync(Ct));
        var scene = await CampaignScene.DraftAsync(host, tenant, [first, second], await tenant.AListAsync(1, Ct), Ct,
            CampaignScene.WaitUntil(TimeProvider.System.GetUtcNow().AddDays(1)), CampaignScene.Email(await tenant.ATemplateAsync(Ct)));
        await scene.LaunchAsync(Ct);
        await tenant.PostAsync($"campaigns/{scene.Id}/pause", new { }, Ct);
        await tenant.PostAsync($"email-accounts/{first.Id()}/pause", new { }, Ct);
        await tenant.PostAsync($"email-accounts/{second.Id()}/pause", new { }, Ct);

        (await (await ResumeAsync()).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["emailAccounts"]);
        (await scene.StateAsync(Ct)).Text("status").ShouldBe("paused");
        await tenant.PostAsync($"email-accounts/{first.Id()}/resume", new { }, Ct);
        (await ResumeAsync()).StatusCode.ShouldBe(HttpStatusCode.OK, "One that is usable is enough.");

        Task<HttpResponseMessage> ResumeAsync() => tenant.Http.PostAsJsonAsync($"campaigns/{scene.Id}/resume", new { }, Ct);
    }

    [Fact]
    public async Task A_paused_campaign_begins_no_message_more_and_goes_on_where_it_was()
    {
        const int leads = 20;
        const int parallelism = 4;
        await using var sink = new FaultySink();
        var release = new TaskCompletionSource();
        sink.OnMessage = async () =>
        {
            await release.Task;
            return SmtpReply.Ok;
        };
        var scene = await CampaignScene.LaunchAsync(host, sink, leads, Ct);
        await Given.EventuallyAsync(() => Task.FromResult(sink.Taken.Count), taken => taken > 0, Ct);

        await scene.Tenant.PostAsync($"campaigns/{scene.Id}/pause", new { }, Ct);
        release.SetResult();
        // Nobody works on it any more.
        await Given.EventuallyAsync(
            () => host.QueryAsync("SELECT id FROM campaign_leads WHERE campaign_id = $1 AND lease_until > now()", Ct, scene.Id),
            held => held.Count == 0, Ct);
        var (paused, taken) = (await scene.StateAsync(Ct), sink.Taken.Count);
        await scene.Tenant.PostAsync($"campaigns/{scene.Id}/resume", new { }, Ct);
        var done = await scene.CompletedAsync(Ct);

        paused.Text("status").ShouldBe("paused");
        paused["progress"]!["messages"]!.Number("sent").ShouldBe(taken);
        done["progress"]!["messages"]!.Number("sent").ShouldBe(leads);
        sink.Taken.DistinctBy(message => message.To.ToString()).Count().ShouldBe(leads);
        sink.Taken.Count.ShouldBe(leads);
        taken.ShouldBeLessThanOrEqualTo(parallelism, "messages were begun after the pause");
    }

    [Fact]
    public async Task Only_a_sending_campaign_pauses_and_only_a_paused_one_resumes()
    {
        var tenant = await host.ATenantAsync(Ct);
        var campaign = await tenant.PostAsync("campaigns", new { tenant.CompanyId, Name = "C" }, Ct);

        foreach (var action in new[] { "pause", "resume" })
        {
            var answer = await tenant.Http.PostAsJsonAsync($"campaigns/{campaign.Id()}/{action}", new { }, Ct);
            await answer.ProblemAsync(HttpStatusCode.Conflict, Ct);
        }
    }

    private static async Task<IReadOnlyList<string>> ProblemAsync(TenantClient tenant, Guid campaign, HttpStatusCode status)
    {
        var answer = await tenant.Http.PostAsJsonAsync($"campaigns/{campaign}/launch", new { }, Ct);
        return (await answer.ProblemAsync(status, Ct)).Fields();
    }
}
