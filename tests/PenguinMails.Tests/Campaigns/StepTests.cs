using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Campaigns;

public sealed class StepTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Steps_of_all_types_are_added_listed_changed_and_deleted()
    {
        var (tenant, path) = await DraftAsync();
        var template = await tenant.ATemplateAsync(Ct);

        await tenant.PostAsync(path, CampaignScene.Email(template), Ct);
        var wait = await tenant.PostAsync(path, new { StepType = "wait", WaitDurationHours = 48 }, Ct);
        await tenant.PostAsync(path, new { StepType = "condition", ConditionType = "email_replied", ConditionValue = "3d", TrueStepOrder = 5, FalseStepOrder = 4 }, Ct);
        var follow = await tenant.PostAsync(path, CampaignScene.Email(template), Ct);
        await tenant.PostAsync(path, new { StepType = "email", TemplateId = template.Id(), SendCondition = "always", SubjectOverride = "Own" }, Ct);

        (await PatchAsync(tenant, $"{path}/{wait.Id()}", new { WaitUntilDate = "2030-01-01T00:00:00Z" })).Text("waitUntilDate").ShouldStartWith("2030-01-01");
        (await PatchAsync(tenant, $"{path}/{follow.Id()}", new { IsActive = false }))["isActive"]!.GetValue<bool>().ShouldBeFalse();
        var before = await ListAsync(tenant, path);
        var targeted = await tenant.Http.DeleteAsync($"{path}/{follow.Id()}", Ct);
        (await tenant.Http.DeleteAsync($"{path}/{wait.Id()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var after = await ListAsync(tenant, path);

        before.Select(step => step.Text("stepType")).ShouldBe(["email", "wait", "condition", "email", "email"]);
        before.Select(step => step["sendCondition"]?.ToString()).ShouldBe(["always", null, null, "not_replied", "always"]);
        before[1]["waitDurationHours"].ShouldBeNull();
        (await targeted.ProblemAsync(HttpStatusCode.Conflict, Ct)).Text("title").ShouldContain("Step 3 leads to it");
        after.Select(step => step.Number("stepOrder")).ShouldBe([1, 2, 3, 4]);
        (after[1].Number("trueStepOrder"), after[1].Number("falseStepOrder")).ShouldBe((4, 3));
    }

    [Theory]
    [InlineData(422, "conditionValue", """{"stepType":"condition","conditionType":"email_opened","conditionValue":"soon"}""")]
    [InlineData(422, "conditionValue", """{"stepType":"condition","conditionType":"email_opened","conditionValue":"0d"}""")]
    [InlineData(422, "conditionValue", """{"stepType":"condition","conditionType":"lead_score","conditionValue":"much"}""")]
    [InlineData(422, "conditionValue", """{"stepType":"condition","conditionType":"lead_attribute","conditionValue":"city"}""")]
    [InlineData(422, "conditionValue", """{"stepType":"condition","conditionType":"lead_attribute","conditionValue":"city=Bern"}""")]
    [InlineData(422, "trueStepOrder", """{"stepType":"condition","conditionType":"lead_score","conditionValue":"5","trueStepOrder":1}""")]
    [InlineData(422, "falseStepOrder", """{"stepType":"condition","conditionType":"lead_score","conditionValue":"5","falseStepOrder":1}""")]
    [InlineData(422, "waitDurationHours", """{"stepType":"condition","conditionType":"lead_score","conditionValue":"5","waitDurationHours":1}""")]
    [InlineData(422, "sendCondition", """{"stepType":"wait","waitDurationHours":1,"sendCondition":"always"}""")]
    [InlineData(400, "conditionType", """{"stepType":"condition","conditionValue":"3d"}""")]
    [InlineData(400, "conditionValue", """{"stepType":"condition","conditionType":"email_opened"}""")]
    [InlineData(400, "waitDurationHours", """{"stepType":"wait"}""")]
    [InlineData(400, "waitDurationHours", """{"stepType":"wait","waitDurationHours":1,"waitUntilDate":"2030-01-01T00:00:00Z"}""")]
    [InlineData(400, "templateId", """{"stepType":"email"}""")]
    [InlineData(400, "stepType", "{}")]
    public async Task A_step_that_cannot_be_is_refused_by_field(int status, string field, string body)
    {
        var (tenant, path) = await DraftAsync();

        var answer = await tenant.Http.PostAsJsonAsync(path, JsonNode.Parse(body), Ct);

        (await answer.ProblemAsync((HttpStatusCode)status, Ct)).Fields().ShouldBe([field]);
        (await ListAsync(tenant, path)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Conditions_are_kept_as_they_were_given()
    {
        var (tenant, path) = await DraftAsync();

        foreach (var (type, value) in new[] { ("email_clicked", "12h"), ("lead_attribute", "custom.city=Bern"), ("lead_attribute", "company=A=B"), ("lead_score", "-5") })
        {
            var step = await tenant.PostAsync(path, new { StepType = "condition", ConditionType = type, ConditionValue = value }, Ct);
            (step.Text("conditionType"), step.Text("conditionValue")).ShouldBe((type, value));
        }
    }

    [Fact]
    public async Task The_first_email_always_goes()
    {
        var (tenant, path) = await DraftAsync();
        var template = await tenant.ATemplateAsync(Ct);
        var first = await tenant.PostAsync(path, CampaignScene.Email(template), Ct);

        var answer = await tenant.Http.PatchAsJsonAsync($"{path}/{first.Id()}", new { SendCondition = "not_replied" }, Ct);

        (await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["sendCondition"]);
    }

    [Fact]
    public async Task There_are_at_most_twenty_steps_however_many_are_added_at_once()
    {
        var (tenant, path) = await DraftAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 22).Select(_ => tenant.Http.PostAsJsonAsync(path, new { StepType = "wait", WaitDurationHours = 1 }, Ct)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.UnprocessableEntity).ShouldBe(2);
        (await ListAsync(tenant, path)).Select(step => step.Number("stepOrder")).ShouldBe(Enumerable.Range(1, 20));
    }

    [Fact]
    public async Task A_new_order_is_taken_as_a_whole_and_conditions_lead_where_they_led()
    {
        var (tenant, path) = await DraftAsync();
        var template = await tenant.ATemplateAsync(Ct);
        var condition = await tenant.PostAsync(path, new { StepType = "condition", ConditionType = "lead_score", ConditionValue = "5", TrueStepOrder = 3 }, Ct);
        var wait = await tenant.PostAsync(path, new { StepType = "wait", WaitDurationHours = 1 }, Ct);
        var email = await tenant.PostAsync(path, CampaignScene.Email(template), Ct);

        Task<HttpResponseMessage> OrderAsync(params JsonNode[] steps) =>
            tenant.Http.PutAsJsonAsync($"{path}/order", new { StepIds = steps.Select(step => step.Id()).ToArray() }, Ct);
        var ordered = (await (await OrderAsync(condition, email, wait)).ReadAsync(Ct))["items"]!.AsArray();
        var backwards = await OrderAsync(email, condition, wait);
        var incomplete = await OrderAsync(condition, email);
        var twice = await OrderAsync(condition, email, email);
        var strange = await tenant.Http.PutAsJsonAsync($"{path}/order", new { StepIds = new[] { condition.Id(), email.Id(), Guid.CreateVersion7() } }, Ct);

        ordered.Select(step => step!.Id()).ShouldBe([condition.Id(), email.Id(), wait.Id()]);
        ordered[0]!.Number("trueStepOrder").ShouldBe(2);
        foreach (var refused in new[] { backwards, incomplete, twice, strange })
        {
            (await refused.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["stepIds"]);
        }

        (await ListAsync(tenant, path)).Select(step => step.Id()).ShouldBe([condition.Id(), email.Id(), wait.Id()]);
    }

    [Fact]
    public async Task A_condition_needs_tracking_and_steps_to_lead_to_before_a_launch()
    {
        var tenant = await host.ATenantAsync(Ct);
        var template = await tenant.ATemplateAsync(Ct);
        var scene = await CampaignScene.DraftAsync(host, tenant, [await tenant.AMailboxAsync(Ct)], await tenant.AListAsync(1, Ct), Ct,
            CampaignScene.WaitUntil(TimeProvider.System.GetUtcNow().AddDays(1)),
            CampaignScene.Email(template),
            new { StepType = "condition", ConditionType = "email_clicked", ConditionValue = "1d", TrueStepOrder = 9 },
            new { StepType = "email", TemplateId = template.Id(), SendCondition = "opened" });

        var refused = await (await tenant.Http.PostAsJsonAsync($"campaigns/{scene.Id}/launch", new { }, Ct)).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct);
        await tenant.Http.PatchAsJsonAsync($"campaigns/{scene.Id}", new { TrackOpens = true, TrackClicks = true }, Ct);
        var condition = (await scene.StateAsync(Ct))["steps"]![2]!;
        await PatchAsync(tenant, $"campaigns/{scene.Id}/steps/{condition.Id()}", new { TrueStepOrder = 4 });
        var launched = await scene.LaunchAsync(Ct);

        refused.Fields().ShouldBe(["conditions"]);
        var problems = refused["errors"]!["conditions"]!.AsArray().Select(problem => problem!.GetValue<string>()).ToList();
        problems.Count.ShouldBe(3);
        problems.ShouldContain(problem => problem.StartsWith("Step 3", StringComparison.Ordinal) && problem.Contains("step 9"));
        problems.ShouldContain(problem => problem.StartsWith("Step 3", StringComparison.Ordinal) && problem.Contains("trackClicks"));
        problems.ShouldContain(problem => problem.StartsWith("Step 4", StringComparison.Ordinal) && problem.Contains("trackOpens"));
        launched.Text("status").ShouldBe("sending");
    }

    [Fact]
    public async Task Once_launched_texts_and_waits_change_while_it_is_paused_and_nothing_else()
    {
        var tenant = await host.ATenantAsync(Ct);
        var (template, other) = (await tenant.ATemplateAsync(Ct), await tenant.ATemplateAsync(Ct, "Another"));
        var scene = await CampaignScene.DraftAsync(host, tenant, [await tenant.AMailboxAsync(Ct)], await tenant.AListAsync(1, Ct), Ct,
            CampaignScene.WaitUntil(TimeProvider.System.GetUtcNow().AddDays(1)), CampaignScene.Email(template), CampaignScene.Email(template));
        var path = $"campaigns/{scene.Id}/steps";
        await scene.LaunchAsync(Ct);
        await Given.EventuallyAsync(() => scene.StateAsync(Ct), state => state["progress"]!["leads"]!["active"] is not null, Ct);
        var (wait, email, last) = ((await ListAsync(tenant, path))[0], (await ListAsync(tenant, path))[1], (await ListAsync(tenant, path))[2]);

        var sending = await tenant.Http.PatchAsJsonAsync($"{path}/{email.Id()}", new { TemplateId = other.Id() }, Ct);
        await tenant.PostAsync($"campaigns/{scene.Id}/pause", new { }, Ct);
        var text = await PatchAsync(tenant, $"{path}/{email.Id()}", new { TemplateId = other.Id(), SubjectOverride = "S" });
        var waits = await PatchAsync(tenant, $"{path}/{wait.Id()}", new { WaitDurationHours = 5 });
        HttpResponseMessage[] fixedOnes =
        [
            await tenant.Http.PatchAsJsonAsync($"{path}/{last.Id()}", new { SendCondition = "always" }, Ct),
            await tenant.Http.PutAsJsonAsync($"{path}/order", new { StepIds = new[] { email.Id(), wait.Id(), last.Id() } }, Ct),
            await tenant.Http.DeleteAsync($"{path}/{wait.Id()}", Ct),
            await tenant.Http.PostAsJsonAsync(path, CampaignScene.Email(template), Ct),
        ];
        await tenant.Http.DeleteAsync($"{path}/{last.Id()}", Ct);
        var only = await tenant.Http.PatchAsJsonAsync($"{path}/{email.Id()}", new { IsActive = false }, Ct);

        (await sending.ProblemAsync(HttpStatusCode.Conflict, Ct)).Text("title").ShouldContain("pause it first");
        (text["templateId"]!.GetValue<Guid>(), text.Text("subjectOverride"), waits.Number("waitDurationHours")).ShouldBe((other.Id(), "S", 5));
        foreach (var answer in fixedOnes)
        {
            (await answer.ProblemAsync(HttpStatusCode.Conflict, Ct)).Text("title").ShouldContain("is paused");
        }

        (await only.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["steps"]);
        (await ListAsync(tenant, path)).Select(step => (step.Number("stepOrder"), step["isActive"]!.GetValue<bool>())).ShouldBe([(1, true), (2, true)]);
    }

    [Fact]
    public async Task Variants_belong_to_an_email_step_and_are_added_changed_and_deleted()
    {
        var (tenant, path) = await DraftAsync();
        var (template, other) = (await tenant.ATemplateAsync(Ct), await tenant.ATemplateAsync(Ct, "Another"));
        var (email, wait) = (await tenant.PostAsync(path, CampaignScene.Email(template), Ct), await tenant.PostAsync(path, new { StepType = "wait", WaitDurationHours = 1 }, Ct));
        var variants = $"{path}/{email.Id()}/variants";

        var first = await tenant.PostAsync(variants, new { Name = "A", TemplateId = template.Id() }, Ct);
        await tenant.PostAsync(variants, new { Name = "B", TemplateId = other.Id(), Weight = 3, SubjectOverride = "Hi {{ first_name }}" }, Ct);
        var same = await tenant.Http.PostAsJsonAsync(variants, new { Name = "a", TemplateId = template.Id() }, Ct);
        var changed = await PatchAsync(tenant, $"{variants}/{first.Id()}", new { Weight = 0, Name = "C" });
        var ofWait = await tenant.Http.PostAsJsonAsync($"{path}/{wait.Id()}/variants", new { Name = "A", TemplateId = template.Id() }, Ct);
        var heavy = await tenant.Http.PostAsJsonAsync(variants, new { Name = "D", TemplateId = template.Id(), Weight = 1001 }, Ct);
        var broken = await tenant.Http.PostAsJsonAsync(variants, new { Name = "D", TemplateId = template.Id(), SubjectOverride = "{{ gone }}" }, Ct);
        var strange = await tenant.Http.PostAsJsonAsync(variants, new { Name = "D", TemplateId = Guid.CreateVersion7() }, Ct);
        var listed = (await tenant.GetAsync(variants, Ct))["items"]!.AsArray();
        var used = await tenant.Http.DeleteAsync($"templates/{other.Id()}", Ct);
        (await tenant.Http.DeleteAsync($"{variants}/{first.Id()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (changed.Text("name"), changed.Number("weight"), first.Number("weight")).ShouldBe(("C", 0, 1));
        listed.Select(variant => variant!.Text("name")).ShouldBe(["C", "B"]);
        await same.ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await ofWait.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["stepId"]);
        (await heavy.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["weight"]);
        (await broken.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["subjectOverride"]);
        strange.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await used.ProblemAsync(HttpStatusCode.Conflict, Ct)).Text("title").ShouldContain("used by campaigns");
        (await ListAsync(tenant, path))[0]["variants"]!.AsArray().Single()!.Text("name").ShouldBe("B");
        (await tenant.Http.DeleteAsync($"{variants}/{first.Id()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_variant_whose_template_does_not_compile_keeps_a_campaign_from_launching()
    {
        var tenant = await host.ATenantAsync(Ct);
        var (template, other) = (await tenant.ATemplateAsync(Ct), await tenant.ATemplateAsync(Ct));
        var scene = await CampaignScene.DraftAsync(
            host, tenant, [await tenant.AMailboxAsync(Ct)], await tenant.AListAsync(1, Ct), Ct, CampaignScene.Email(template));
        var step = (await scene.StateAsync(Ct))["steps"]![0]!.Id();
        await tenant.PostAsync($"campaigns/{scene.Id}/steps/{step}/variants", new { Name = "B", TemplateId = other.Id() }, Ct);
        await host.QueryAsync("UPDATE templates SET content = '{{ gone }}' WHERE id = $1", Ct, other.Id());

        var answer = await tenant.Http.PostAsJsonAsync($"campaigns/{scene.Id}/launch", new { }, Ct);

        (await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["templates"]);
    }

    private async Task<(TenantClient Tenant, string Steps)> DraftAsync()
    {
        var tenant = await host.ATenantAsync(Ct);
        return (tenant, $"campaigns/{(await tenant.PostAsync("campaigns", new { tenant.CompanyId, Name = "C" }, Ct)).Id()}/steps");
    }

    private static async Task<JsonNode> PatchAsync(TenantClient tenant, string path, object body) =>
        await (await tenant.Http.PatchAsJsonAsync(path, body, Ct)).ReadAsync(Ct);

    private static async Task<IReadOnlyList<JsonNode>> ListAsync(TenantClient tenant, string path) =>
        [.. (await tenant.GetAsync(path, Ct))["items"]!.AsArray().Select(item => item!)];
}
