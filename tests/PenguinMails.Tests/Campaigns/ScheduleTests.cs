using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Campaigns.Jobs;

namespace PenguinMails.Tests.Campaigns;

public sealed class ScheduleTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static DateTimeOffset Tomorrow => TimeProvider.System.GetUtcNow().AddDays(1);

    [Fact]
    public async Task A_draft_is_scheduled_put_off_and_taken_off_the_schedule()
    {
        var scene = await DraftAsync();
        var (first, second) = (Tomorrow, Tomorrow.AddDays(1));

        var scheduled = await scene.Tenant.PostAsync($"campaigns/{scene.Id}/schedule", new { At = first }, Ct);
        await scene.Tenant.PostAsync($"campaigns/{scene.Id}/schedule", new { At = second }, Ct);
        await (await scene.Tenant.Http.PatchAsJsonAsync($"campaigns/{scene.Id}", new { Name = "Edited" }, Ct)).ReadAsync(Ct);
        var shown = await scene.StateAsync(Ct);
        var draft = await scene.Tenant.PostAsync($"campaigns/{scene.Id}/unschedule", new { }, Ct);
        var again = await scene.Tenant.Http.PostAsJsonAsync($"campaigns/{scene.Id}/unschedule", new { }, Ct);

        scheduled.Text("status").ShouldBe("scheduled");
        (shown.Text("status"), shown.Text("name")).ShouldBe(("scheduled", "Edited"));
        shown["scheduled"]!.GetValue<DateTimeOffset>().ShouldBe(second, TimeSpan.FromMilliseconds(1));
        (draft.Text("status"), draft["scheduled"]).ShouldBe(("draft", null));
        (await again.ProblemAsync(HttpStatusCode.Conflict, Ct)).Text("title").ShouldContain("this one is a draft");
    }

    [Fact]
    public async Task A_time_that_is_past_too_far_or_missing_is_refused()
    {
        var scene = await DraftAsync();

        foreach (var at in new[] { TimeProvider.System.GetUtcNow().AddSeconds(-1), Tomorrow.AddDays(366) })
        {
            var answer = await scene.Tenant.Http.PostAsJsonAsync($"campaigns/{scene.Id}/schedule", new { At = at }, Ct);
            (await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["at"]);
        }

        var missing = await scene.Tenant.Http.PostAsJsonAsync($"campaigns/{scene.Id}/schedule", new { }, Ct);
        (await missing.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["at"]);
        (await scene.StateAsync(Ct)).Text("status").ShouldBe("draft");
    }

    [Fact]
    public async Task What_could_not_be_launched_is_not_scheduled()
    {
        var tenant = await host.ATenantAsync(Ct);
        var campaign = await tenant.PostAsync("campaigns", new { tenant.CompanyId, Name = "C" }, Ct);

        var answer = await tenant.Http.PostAsJsonAsync($"campaigns/{campaign.Id()}/schedule", new { At = Tomorrow }, Ct);

        (await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["leads", "steps"]);
    }

    [Fact]
    public async Task A_scheduled_campaign_begins_by_itself_at_its_time_and_not_before()
    {
        var (scene, other) = (await DraftAsync(), await DraftAsync());
        foreach (var one in new[] { scene, other })
        {
            await one.Tenant.PostAsync($"campaigns/{one.Id}/schedule", new { At = Tomorrow }, Ct);
        }

        await RunAsync(scene);
        var before = (await scene.StateAsync(Ct)).Text("status");
        await ComeAsync(scene);
        await RunAsync(scene);
        var done = await scene.CompletedAsync(Ct);

        before.ShouldBe("scheduled");
        done["progress"]!["messages"]!.Number("sent").ShouldBe(1);
        (await other.StateAsync(Ct)).Text("status").ShouldBe("scheduled");
    }

    [Fact]
    public async Task One_that_lacks_something_at_its_time_is_a_draft_again_and_its_tenant_is_told_what()
    {
        var scene = await DraftAsync();
        await scene.Tenant.PostAsync($"campaigns/{scene.Id}/schedule", new { At = Tomorrow }, Ct);
        var mailbox = (await scene.Tenant.GetAsync("email-accounts", Ct))["items"]![0]!;
        await scene.Tenant.PostAsync($"email-accounts/{mailbox.Id()}/pause", new { }, Ct);

        await ComeAsync(scene);
        await RunAsync(scene);

        (await scene.StateAsync(Ct)).Text("status").ShouldBe("draft");
        var told = await Given.EventuallyAsync(
            async () => (await scene.Tenant.GetAsync("notifications", Ct))["items"]!.AsArray()
                .SingleOrDefault(item => item!.Text("title").Contains("did not begin", StringComparison.Ordinal)),
            found => found is not null, Ct);
        told!.Text("message").ShouldContain(mailbox.Text("email"));
    }

    private async Task<CampaignScene> DraftAsync()
    {
        var tenant = await host.ATenantAsync(Ct);
        return await CampaignScene.DraftAsync(
            host, tenant, [await tenant.AMailboxAsync(Ct)], await tenant.AListAsync(1, Ct), Ct, CampaignScene.Email(await tenant.ATemplateAsync(Ct)));
    }

    private Task ComeAsync(CampaignScene scene) =>
        host.QueryAsync("UPDATE campaigns SET scheduled = now() - interval '1 second' WHERE id = $1", Ct, scene.Id);

    // The host runs it each minute too: whoever comes first does it.
    private async Task RunAsync(CampaignScene scene)
    {
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ScheduledLaunches>().RunAsync(scene.Tenant.TenantId, Ct);
    }
}
