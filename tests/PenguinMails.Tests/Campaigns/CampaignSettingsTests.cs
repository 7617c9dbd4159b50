using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Campaigns;

public sealed class CampaignSettingsTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_campaign_is_created_with_all_its_settings_and_shows_them()
    {
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAsync(Ct);

        var created = await tenant.PostAsync("campaigns", new
        {
            tenant.CompanyId,
            Name = "Spring",
            Description = "To all",
            EmailAccountIds = new[] { mailbox.Id(), mailbox.Id() },
            Window = new { Timezone = "Europe/Zurich", Start = "08:30:00", End = "12:00:00", Days = new[] { 5, 1, 1 } },
            UseLeadTimezone = true,
            DailyLimit = 40,
            MinGapSeconds = 7,
            TrackOpens = true,
            TrackClicks = true,
            StopOnReply = false,
            StopCompanyOnReply = true,
        }, Ct);
        var shown = await tenant.GetAsync($"campaigns/{created.Id()}", Ct);

        JsonNode.DeepEquals(created, shown).ShouldBeTrue($"{created}\n{shown}");
        (shown.Text("status"), shown.Text("name"), shown.Text("description"), shown.Number("dailyLimit"), shown.Number("minGapSeconds"))
            .ShouldBe(("draft", "Spring", "To all", 40, 7));
        shown["emailAccountIds"]!.AsArray().Select(id => id!.GetValue<Guid>()).ShouldBe([mailbox.Id()]);
        shown["window"]!.ToJsonString().ShouldBe("""{"timezone":"Europe/Zurich","start":"08:30:00","end":"12:00:00","days":[1,5]}""");
        new[] { "useLeadTimezone", "trackOpens", "trackClicks", "stopOnReply", "stopCompanyOnReply" }.Select(name => shown[name]!.GetValue<bool>())
            .ShouldBe([true, true, true, false, true]);
    }

    [Fact]
    public async Task What_is_not_given_takes_its_default_and_stays_when_something_else_is_changed()
    {
        var tenant = await host.ATenantAsync(Ct);
        var other = await tenant.PostAsync("companies", new { Name = "Other" }, Ct);
        var campaign = await DraftAsync(tenant);

        var before = await tenant.GetAsync($"campaigns/{campaign}", Ct);
        await PatchAsync(tenant, campaign, new { Description = "D", DailyLimit = 5 });
        await PatchAsync(tenant, campaign, new { Name = "N", CompanyId = other.Id() });
        var after = await PatchAsync(tenant, campaign, new { Description = "", DailyLimit = 0 });

        before["window"]!.ToJsonString().ShouldBe("""{"timezone":"UTC","start":"09:00:00","end":"17:00:00","days":[1,2,3,4,5]}""");
        (before.Number("minGapSeconds"), before["dailyLimit"], before["stopOnReply"]!.GetValue<bool>()).ShouldBe((120, null, true));
        (after.Text("name"), after["companyId"]!.GetValue<Guid>(), after["description"], after["dailyLimit"]).ShouldBe(("N", other.Id(), null, null));
        JsonNode.DeepEquals(before["window"], after["window"]).ShouldBeTrue();
    }

    [Theory]
    [InlineData("window", """{"window":{"timezone":"Mars/Crater","start":"09:00:00","end":"17:00:00","days":[1]}}""")]
    [InlineData("window", """{"window":{"timezone":"UTC","start":"17:00:00","end":"09:00:00","days":[1]}}""")]
    [InlineData("window", """{"window":{"timezone":"UTC","start":"09:00:00","end":"17:00:00","days":[8]}}""")]
    [InlineData("window", """{"window":{"timezone":"UTC","start":"09:00:00","end":"17:00:00","days":[]}}""")]
    [InlineData("minGapSeconds", """{"minGapSeconds":-1}""")]
    [InlineData("dailyLimit", """{"dailyLimit":-1}""")]
    [InlineData("name", """{"name":""}""")]
    [InlineData("name", "{}")]
    public async Task A_setting_that_cannot_be_is_malformed(string field, string body)
    {
        var tenant = await host.ATenantAsync(Ct);
        var campaign = await DraftAsync(tenant);

        var answer = await tenant.Http.PatchAsJsonAsync($"campaigns/{campaign}", JsonNode.Parse(body), Ct);

        (await answer.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().Single().ShouldStartWith(field);
    }

    [Fact]
    public async Task A_company_or_mailbox_that_there_is_not_is_not_found()
    {
        var tenant = await host.ATenantAsync(Ct);
        var campaign = await DraftAsync(tenant);

        foreach (var body in new object[] { new { CompanyId = Guid.CreateVersion7() }, new { EmailAccountIds = new[] { Guid.CreateVersion7() } } })
        {
            (await tenant.Http.PatchAsJsonAsync($"campaigns/{campaign}", body, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task A_launched_campaign_keeps_its_company_and_a_usable_mailbox_and_lets_the_rest_be_changed()
    {
        var scene = await IdleAsync();
        var (tenant, second) = (scene.Tenant, await scene.Tenant.AMailboxAsync(Ct));
        var other = await tenant.PostAsync("companies", new { Name = "Other" }, Ct);

        var changed = await PatchAsync(tenant, scene.Id, new { Name = "N", DailyLimit = 3, TrackOpens = true, EmailAccountIds = new[] { second.Id() } });
        var company = await tenant.Http.PatchAsJsonAsync($"campaigns/{scene.Id}", new { CompanyId = other.Id() }, Ct);
        await tenant.PostAsync($"email-accounts/{second.Id()}/pause", new { }, Ct);
        var unusable = await tenant.Http.PatchAsJsonAsync($"campaigns/{scene.Id}", new { EmailAccountIds = new[] { second.Id() } }, Ct);
        var none = await tenant.Http.PatchAsJsonAsync($"campaigns/{scene.Id}", new { EmailAccountIds = Array.Empty<Guid>() }, Ct);

        (changed.Text("name"), changed.Number("dailyLimit"), changed.Text("status")).ShouldBe(("N", 3, "sending"));
        changed["emailAccountIds"]!.AsArray().Select(id => id!.GetValue<Guid>()).ShouldBe([second.Id()]);
        (await company.ProblemAsync(HttpStatusCode.Conflict, Ct)).Text("title").ShouldContain("is sending: its company is fixed");
        (await unusable.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["emailAccountIds"]);
        (await none.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["emailAccountIds"]);
    }

    [Fact]
    public async Task Tracking_that_a_launched_campaign_needs_stays_on()
    {
        var tenant = await host.ATenantAsync(Ct);
        var template = await tenant.ATemplateAsync(Ct);
        var scene = await CampaignScene.DraftAsync(host, tenant, [await tenant.AMailboxAsync(Ct)], await tenant.AListAsync(1, Ct), Ct,
            CampaignScene.WaitUntil(Later), CampaignScene.Email(template), new { StepType = "email", TemplateId = template.Id(), SendCondition = "not_opened" });
        await PatchAsync(tenant, scene.Id, new { TrackOpens = true });
        await scene.LaunchAsync(Ct);

        var answer = await tenant.Http.PatchAsJsonAsync($"campaigns/{scene.Id}", new { TrackOpens = false }, Ct);

        var problem = await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct);
        problem.Fields().ShouldBe(["conditions"]);
        problem.Text("title").ShouldContain("Step 3");
        (await scene.StateAsync(Ct))["trackOpens"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task A_completed_campaign_is_read_only()
    {
        await using var sink = new FaultySink();
        var scene = await CampaignScene.LaunchAsync(host, sink, 1, Ct);
        var step = (await scene.CompletedAsync(Ct))["steps"]![0]!.Id();
        var lead = (await scene.Tenant.GetAsync("leads", Ct))["items"]![0]!.Id();
        var http = scene.Tenant.Http;
        var path = $"campaigns/{scene.Id}";

        HttpResponseMessage[] answers =
        [
            await http.PatchAsJsonAsync(path, new { Name = "N" }, Ct),
            await http.DeleteAsync(path, Ct),
            await http.PostAsJsonAsync($"{path}/steps", new { StepType = "wait", WaitDurationHours = 1 }, Ct),
            await http.PatchAsJsonAsync($"{path}/steps/{step}", new { SubjectOverride = "S" }, Ct),
            await http.DeleteAsync($"{path}/steps/{step}", Ct),
            await http.PutAsJsonAsync($"{path}/steps/order", new { StepIds = new[] { step } }, Ct),
            await http.PostAsJsonAsync($"{path}/leads", new { LeadIds = new[] { lead } }, Ct),
            await http.DeleteAsync($"{path}/leads/{lead}", Ct),
            await http.PostAsJsonAsync($"{path}/schedule", new { At = Later }, Ct),
            await http.PostAsJsonAsync($"{path}/launch", new { }, Ct),
            await http.PostAsJsonAsync($"{path}/resume", new { }, Ct),
        ];

        foreach (var answer in answers)
        {
            (await answer.ProblemAsync(HttpStatusCode.Conflict, Ct)).Text("title").ShouldContain("completed", customMessage: $"{answer.RequestMessage}");
        }
    }

    [Fact]
    public async Task A_campaign_that_was_never_launched_is_deleted_with_its_steps_and_leads()
    {
        var tenant = await host.ATenantAsync(Ct);
        var scene = await CampaignScene.DraftAsync(host, tenant, [], await tenant.AListAsync(2, Ct), Ct, CampaignScene.WaitUntil(Later));

        (await tenant.Http.DeleteAsync($"campaigns/{scene.Id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await tenant.Http.GetAsync($"campaigns/{scene.Id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await host.QueryAsync("SELECT id FROM campaign_leads WHERE campaign_id = $1", Ct, scene.Id)).ShouldBeEmpty();
        (await tenant.Http.DeleteAsync($"campaigns/{scene.Id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_pause_keeps_its_reason_until_it_is_resumed_and_a_resume_is_judged_from_then_on()
    {
        var scene = await IdleAsync();

        await scene.Tenant.PostAsync($"campaigns/{scene.Id}/pause", new { Reason = " Holidays " }, Ct);
        var paused = await scene.StateAsync(Ct);
        await scene.Tenant.PostAsync($"campaigns/{scene.Id}/resume", new { }, Ct);
        var resumed = await scene.StateAsync(Ct);

        (paused.Text("status"), paused.Text("pauseReason")).ShouldBe(("paused", "Holidays"));
        (resumed.Text("status"), resumed["pauseReason"]).ShouldBe(("sending", null));
        (await host.QueryAsync("SELECT judged_from > started FROM campaigns WHERE id = $1", Ct, scene.Id)).ShouldBe(["True"]);
    }

    [Fact]
    public async Task The_list_is_filtered_by_state_and_name_and_counts_leads_and_steps()
    {
        var tenant = await host.ATenantAsync(Ct);
        var scene = await CampaignScene.DraftAsync(host, tenant, [], await tenant.AListAsync(3, Ct), Ct, CampaignScene.WaitUntil(Later));
        await PatchAsync(tenant, scene.Id, new { Name = "100% Größe" });
        var other = await DraftAsync(tenant);

        var all = await ListAsync(tenant, "");
        all.Select(item => item.Id()).ShouldBe([other, scene.Id]);
        (all[1]["leads"]!.Number("pending"), all[1].Number("steps"), all[1].Number("sent")).ShouldBe((3, 1, 0));
        (await ListAsync(tenant, "?name=0%25%20gr%C3%96")).Select(item => item.Id()).ShouldBe([scene.Id]);
        (await ListAsync(tenant, "?name=_")).ShouldBeEmpty();
        (await ListAsync(tenant, "?status=draft&limit=1")).Select(item => item.Id()).ShouldBe([other]);
        (await ListAsync(tenant, "?status=sending")).ShouldBeEmpty();
        (await tenant.Http.GetAsync("campaigns?status=gone", Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_clone_is_a_draft_of_the_same_with_or_without_the_leads()
    {
        var scene = await IdleAsync();
        var email = (await scene.StateAsync(Ct))["steps"]![1]!;
        await scene.Tenant.PostAsync($"campaigns/{scene.Id}/pause", new { }, Ct);
        await scene.Tenant.PostAsync(
            $"campaigns/{scene.Id}/steps/{email.Id()}/variants", new { Name = "B", TemplateId = email["templateId"]!.GetValue<Guid>(), Weight = 3 }, Ct);

        var bare = await scene.Tenant.PostAsync($"campaigns/{scene.Id}/clone", new { }, Ct);
        var whole = await scene.Tenant.PostAsync($"campaigns/{scene.Id}/clone", new { Name = "Mine", WithLeads = true }, Ct);
        var original = await scene.StateAsync(Ct);

        (bare.Text("name"), bare.Text("status"), whole.Text("name"), whole.Text("status")).ShouldBe(("Copy of C", "draft", "Mine", "draft"));
        bare["progress"]!["leads"]!.AsObject().ShouldBeEmpty();
        whole["progress"]!["leads"]!.Number("pending").ShouldBe(1);
        JsonNode.DeepEquals(bare["window"], original["window"]).ShouldBeTrue();
        JsonNode.DeepEquals(bare["emailAccountIds"], original["emailAccountIds"]).ShouldBeTrue();
        bare["steps"]!.AsArray().Select(step => step!.Text("stepType")).ShouldBe(["wait", "email"]);
        var variant = bare["steps"]![1]!["variants"]!.AsArray().Single()!;
        (variant.Text("name"), variant.Number("weight")).ShouldBe(("B", 3));
        variant.Id().ShouldNotBe(original["steps"]![1]!["variants"]![0]!.Id());
    }

    private static DateTimeOffset Later => TimeProvider.System.GetUtcNow().AddDays(1);

    // Launched, and waiting before its only e-mail.
    private async Task<CampaignScene> IdleAsync()
    {
        var tenant = await host.ATenantAsync(Ct);
        var template = await tenant.ATemplateAsync(Ct);
        var scene = await CampaignScene.DraftAsync(host, tenant, [await tenant.AMailboxAsync(Ct)], await tenant.AListAsync(1, Ct), Ct,
            CampaignScene.WaitUntil(Later), CampaignScene.Email(template));
        await scene.LaunchAsync(Ct);
        return scene;
    }

    private static async Task<Guid> DraftAsync(TenantClient tenant) =>
        (await tenant.PostAsync("campaigns", new { tenant.CompanyId, Name = "C" }, Ct)).Id();

    private static async Task<JsonNode> PatchAsync(TenantClient tenant, Guid campaign, object body) =>
        await (await tenant.Http.PatchAsJsonAsync($"campaigns/{campaign}", body, Ct)).ReadAsync(Ct);

    private static async Task<IReadOnlyList<JsonNode>> ListAsync(TenantClient tenant, string query) =>
        [.. (await tenant.GetAsync($"campaigns{query}", Ct))["items"]!.AsArray().Select(item => item!)];
}
