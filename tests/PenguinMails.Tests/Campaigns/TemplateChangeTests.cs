using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Campaigns;

public sealed class TemplateChangeTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_keeps_what_was_there_and_a_version_can_be_restored()
    {
        var tenant = await host.ATenantAsync(Ct);
        var template = await tenant.ATemplateAsync(Ct, "First", "<p>First</p>");

        var second = await PatchAsync(tenant, template, new { Subject = "Second", TextContent = "Second", Version = 1 });
        var renamed = await PatchAsync(tenant, template, new { Name = "Other name" });
        var restored = await tenant.PostAsync($"templates/{template.Id()}/versions/1/restore", new { }, Ct);
        var again = await tenant.PostAsync($"templates/{template.Id()}/versions/1/restore", new { }, Ct);

        (second.Number("version"), second.Text("subject"), second.Text("textContent")).ShouldBe((2, "Second", "Second"));
        (renamed.Number("version"), renamed.Text("name")).ShouldBe((2, "Other name"));
        (restored.Number("version"), restored.Text("subject"), restored["textContent"]).ShouldBe((3, "First", null));
        again.Number("version").ShouldBe(3);
        var versions = (await tenant.GetAsync($"templates/{template.Id()}/versions", Ct))["items"]!.AsArray();
        versions.Select(version => (version!.Number("version"), version!.Text("subject"), version!["replacedBy"]!.GetValue<Guid>()))
            .ShouldBe([(2, "Second", tenant.UserId), (1, "First", tenant.UserId)]);
        (await tenant.GetAsync($"templates/{template.Id()}/versions/2", Ct)).Text("textContent").ShouldBe("Second");
        (await tenant.Http.PostAsJsonAsync($"templates/{template.Id()}/versions/7/restore", new { }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_change_of_something_that_is_changed_already_is_a_conflict_and_loses_nothing()
    {
        var tenant = await host.ATenantAsync(Ct);
        var template = await tenant.ATemplateAsync(Ct);
        await PatchAsync(tenant, template, new { Subject = "Mine", Version = 1 });

        var answer = await tenant.Http.PatchAsJsonAsync($"templates/{template.Id()}", new { Subject = "Yours", Version = 1 }, Ct);

        (await answer.ProblemAsync(HttpStatusCode.Conflict, Ct)).Text("title").ShouldContain("version 2");
        (await tenant.GetAsync($"templates/{template.Id()}", Ct)).Text("subject").ShouldBe("Mine");
    }

    [Theory]
    [InlineData("{ \"content\": \"{{ nickname }}\" }", "content")]
    [InlineData("{ \"subject\": \"{{ nickname }}\" }", "subject")]
    [InlineData("{ \"textContent\": \"{{ nickname }}\" }", "textContent")]
    public async Task A_change_that_could_not_be_sent_is_refused(string change, string field)
    {
        var tenant = await host.ATenantAsync(Ct);
        var template = await tenant.ATemplateAsync(Ct);

        var answer = await tenant.Http.PatchAsJsonAsync($"templates/{template.Id()}", JsonNode.Parse(change), Ct);

        (await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe([field]);
        (await tenant.GetAsync($"templates/{template.Id()}", Ct)).Number("version").ShouldBe(1);
    }

    [Theory]
    [InlineData("", "<div>", 40_000)]
    [InlineData("", "<div></x>", 20_000)]
    [InlineData("<svg><style>", "<g>", 40_000)]
    [InlineData("", "{% for i in (1..100) %}{% for j in (1..40) %}<div>{% endfor %}{% endfor %}", 1)]
    public async Task Html_in_html_without_end_is_refused(string before, string piece, int times)
    {
        var tenant = await host.ATenantAsync(Ct);

        var answer = await tenant.Http.PostAsJsonAsync("templates",
            new { Name = "T", Subject = "S", Content = before + string.Concat(Enumerable.Repeat(piece, times)) }, Ct);

        var problem = await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct);
        problem["errors"]!["content"]![0]!.GetValue<string>().ShouldStartWith("Elements are nested deeper");
    }

    [Theory]
    [InlineData("<!-- note")]
    [InlineData("<style>p{}")]
    [InlineData("<textarea>")]
    [InlineData("<title>")]
    [InlineData("<div style=\"display: none\">")]
    [InlineData("<div style=\"display: none\"/>")]
    [InlineData("<div hidden>")]
    [InlineData("<select><option>")]
    public async Task Content_that_hides_the_footer_is_refused(string end)
    {
        var tenant = await host.ATenantAsync(Ct);

        var answer = await tenant.Http.PostAsJsonAsync("templates", new { Name = "T", Subject = "S", Content = $"<p>{{{{ unsubscribe_url }}}}</p>{end}" }, Ct);

        var problem = await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct);
        problem["errors"]!["content"]![0]!.GetValue<string>().ShouldStartWith("The link to unsubscribe would not be seen");
    }

    [Fact]
    public async Task Of_those_who_change_it_at_once_one_is_in_time_and_the_others_are_told()
    {
        var tenant = await host.ATenantAsync(Ct);
        var template = await tenant.ATemplateAsync(Ct);

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(number =>
            tenant.Http.PatchAsJsonAsync($"templates/{template.Id()}", new { Subject = $"Subject {number}" }, Ct)));

        answers.Select(answer => answer.StatusCode).Distinct().Except([HttpStatusCode.OK, HttpStatusCode.Conflict]).ShouldBeEmpty();
        (await tenant.GetAsync($"templates/{template.Id()}", Ct)).Number("version")
            .ShouldBe(1 + answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
    }

    [Fact]
    public async Task A_copys_name_is_cut_between_characters()
    {
        var tenant = await host.ATenantAsync(Ct);
        var template = await tenant.ATemplateAsync(Ct);
        var name = new string('n', 91);
        await PatchAsync(tenant, template, new { Name = $"{name}\U0001F427" });

        (await tenant.PostAsync($"templates/{template.Id()}/duplicate", new { }, Ct)).Text("name").ShouldBe($"Copy of {name}");
    }

    [Fact]
    public async Task A_template_that_a_campaign_uses_is_not_deleted_and_one_that_none_uses_is()
    {
        var tenant = await host.ATenantAsync(Ct);
        var (used, free) = (await tenant.ATemplateAsync(Ct), await tenant.ATemplateAsync(Ct));
        var campaign = await tenant.PostAsync("campaigns", new { tenant.CompanyId, Name = "Spring" }, Ct);
        await tenant.PostAsync($"campaigns/{campaign.Id()}/steps", CampaignScene.Email(used), Ct);
        await PatchAsync(tenant, free, new { Subject = "Changed" });

        var refused = await tenant.Http.DeleteAsync($"templates/{used.Id()}", Ct);

        (await refused.ProblemAsync(HttpStatusCode.Conflict, Ct)).Text("title").ShouldBe("The template is used by campaigns: Spring.");
        (await tenant.Http.DeleteAsync($"templates/{free.Id()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await tenant.Http.DeleteAsync($"templates/{free.Id()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await host.QueryAsync("SELECT id FROM templates WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe([used.Id().ToString()]);
    }

    [Fact]
    public async Task Templates_are_found_by_name_star_folder_and_tag_and_a_copy_takes_those_along()
    {
        var tenant = await host.ATenantAsync(Ct);
        var (one, other) = (await tenant.ATemplateAsync(Ct), await tenant.ATemplateAsync(Ct));
        await PatchAsync(tenant, one, new { Name = "100% Spring" });
        var folder = Long(await tenant.PostAsync("folders", new { Name = "Spring" }, Ct));
        var (tag, byDefault) = (Long(await tenant.PostAsync("tags", new { Value = "warm" }, Ct)), await DefaultTagAsync(tenant));
        foreach (var path in new[] { "star", $"folders/{folder}", $"folders/{folder}", $"tags/{tag}", $"tags/{byDefault}" })
        {
            (await tenant.Http.PutAsync($"templates/{one.Id()}/{path}", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent, path);
        }

        var copy = await tenant.PostAsync($"templates/{one.Id()}/duplicate", new { }, Ct);

        (copy.Text("name"), copy["isStarred"]!.GetValue<bool>(), copy.Number("version")).ShouldBe(("Copy of 100% Spring", false, 1));
        (await FoundAsync(tenant, "search=100%25 sp")).ShouldBe([one.Id()]);
        (await FoundAsync(tenant, "search=1_0")).ShouldBeEmpty();
        (await FoundAsync(tenant, "isStarred=true")).ShouldBe([one.Id()]);
        (await FoundAsync(tenant, "isStarred=false")).ShouldBe([copy.Id(), other.Id()]);
        (await FoundAsync(tenant, $"folderId={folder}")).ShouldBe([copy.Id(), one.Id()]);
        (await FoundAsync(tenant, $"tagId={byDefault}&isStarred=true")).ShouldBe([one.Id()]);

        foreach (var path in new[] { "star", $"folders/{folder}", $"tags/{tag}" })
        {
            (await tenant.Http.DeleteAsync($"templates/{one.Id()}/{path}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent, path);
        }

        var now = await tenant.GetAsync($"templates/{one.Id()}", Ct);
        (now["isStarred"]!.GetValue<bool>(), now["folderIds"]!.ToJsonString(), now["tagIds"]!.ToJsonString()).ShouldBe((false, "[]", $"[{byDefault}]"));
        (await tenant.Http.DeleteAsync($"folders/{folder}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await tenant.Http.GetAsync($"templates/{copy.Id()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_folders_name_is_the_tenants_only_one_in_whatever_case()
    {
        var (tenant, stranger) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var (spring, summer) = (Long(await tenant.PostAsync("folders", new { Name = "Spring" }, Ct)), Long(await tenant.PostAsync("folders", new { Name = "Summer" }, Ct)));

        (await tenant.Http.PostAsJsonAsync("folders", new { Name = " sPRING" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await tenant.Http.PatchAsJsonAsync($"folders/{summer}", new { Name = "SPRING" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await tenant.Http.PatchAsJsonAsync($"folders/{spring}", new { Name = "SPRING" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await stranger.PostAsync("folders", new { Name = "Spring" }, Ct);

        (await tenant.GetAsync("folders", Ct))["items"]!.AsArray().Select(folder => folder!.Text("name")).ShouldBe(["SPRING", "Summer"]);
        (await tenant.GetAsync($"folders/{summer}", Ct)).Number("templates").ShouldBe(0);
    }

    [Fact]
    public async Task Default_tags_are_everybodys_and_nobodys_to_change()
    {
        var (tenant, stranger) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var byDefault = await DefaultTagAsync(tenant);
        var own = Long(await tenant.PostAsync("tags", new { Value = "warm", Name = "Warm ones" }, Ct));

        (await tenant.Http.PatchAsJsonAsync($"tags/{byDefault}", new { Value = "x" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await tenant.Http.DeleteAsync($"tags/{byDefault}", Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await tenant.Http.PostAsJsonAsync("tags", new { Value = "WARM" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await tenant.Http.PostAsJsonAsync("tags", new { Value = "Follow-Up" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await tenant.Http.PatchAsJsonAsync($"tags/{own}", new { Value = "follow-up" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await stranger.Http.DeleteAsync($"tags/{own}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        var changed = await (await tenant.Http.PatchAsJsonAsync($"tags/{own}", new { Value = "hot", Name = "" }, Ct)).ReadAsync(Ct);
        (changed.Text("value"), changed["name"]).ShouldBe(("hot", null));
        (await stranger.GetAsync("tags", Ct))["items"]!.AsArray().ShouldAllBe(tag => tag!["isDefault"]!.GetValue<bool>());
        (await tenant.Http.DeleteAsync($"tags/{own}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    private static async Task<JsonNode> PatchAsync(TenantClient tenant, JsonNode template, object change) =>
        await (await tenant.Http.PatchAsJsonAsync($"templates/{template.Id()}", change, Ct)).ReadAsync(Ct);

    private static async Task<IReadOnlyList<Guid>> FoundAsync(TenantClient tenant, string query) =>
        [.. (await tenant.GetAsync($"templates?{query}", Ct))["items"]!.AsArray().Select(item => item!.Id())];

    private static async Task<long> DefaultTagAsync(TenantClient tenant) =>
        Long((await tenant.GetAsync("tags", Ct))["items"]!.AsArray().Single(tag => tag!.Text("value") == "follow-up")!);

    private static long Long(JsonNode node) => node["id"]!.GetValue<long>();
}
