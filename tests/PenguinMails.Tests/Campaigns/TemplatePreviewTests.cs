using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Campaigns;

public sealed class TemplatePreviewTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_draft_is_shown_for_a_sample_lead_with_what_its_alternatives_make()
    {
        var tenant = await host.ATenantAsync(Ct);

        var preview = await tenant.PostAsync("templates/preview", new
        {
            Subject = "{Hi|Hello} {{ first_name }} of {{ custom.city }}",
            Content = "<p>{a|b|c} {{ company }} {{ custom.size }}</p>",
            Sample = new Dictionary<string, string> { ["company"] = "<b>Own & Co</b>", ["custom.size"] = "" },
        }, Ct);

        preview.Text("subject").ShouldBeOneOf("Hi Jane of [city]", "Hello Jane of [city]");
        preview.Text("html").ShouldContain("&lt;b&gt;Own &amp; Co&lt;/b&gt;");
        preview.Text("text").ShouldContain("<b>Own & Co</b>");
        preview["expansions"]!.ToJsonString().ShouldBe("{\"subject\":\"2\",\"html\":\"3\"}");
        preview["chosen"]!["html"]![0]!.GetValue<int>().ShouldBeInRange(0, 2);
        preview["missing"]!.ToJsonString().ShouldBe("[\"custom.size\"]");
        preview.Number("sizeBytes").ShouldBeGreaterThan(50);
        preview["hints"]!.AsArray().Select(hint => hint!.Text("code")).ShouldContain("no_unsubscribe_link");
        preview["hints"]![0]!.Text("severity").ShouldBe("low");
    }

    [Fact]
    public async Task A_real_lead_sees_what_it_will_be_sent_and_its_values_are_only_values()
    {
        var tenant = await host.ATenantAsync(Ct);
        const string hostile = "{{ 7 | times: 7 }} {a|b} <script>alert(1)</script> %}";
        await tenant.AListOfAsync($"email,first_name\nann@recipient.example,{hostile}\n", Ct);
        var lead = (await tenant.GetAsync("leads", Ct))["items"]![0]!.Id();
        var template = await tenant.ATemplateAsync(Ct, "For {{ first_name }}", "<p>{ {{ first_name }} {x|x}</p>");

        var preview = await tenant.PostAsync($"templates/{template.Id()}/preview", new { LeadId = lead }, Ct);

        preview.Text("subject").ShouldBe($"For {hostile}");
        preview.Text("html").ShouldContain("<p>{ {{ 7 | times: 7 }} {a|b} &lt;script&gt;alert(1)&lt;/script&gt; %} x</p>");
        preview.Text("text").ShouldStartWith($"{{ {hostile} x\n");
    }

    [Fact]
    public async Task Another_tenants_lead_is_none()
    {
        var (tenant, stranger) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        await stranger.AListAsync(1, Ct);
        var lead = (await stranger.GetAsync("leads", Ct))["items"]![0]!.Id();
        var template = await tenant.ATemplateAsync(Ct);

        var kept = await tenant.Http.PostAsJsonAsync($"templates/{template.Id()}/preview", new { LeadId = lead }, Ct);
        var draft = await tenant.Http.PostAsJsonAsync("templates/preview", new { Subject = "S", Content = "C", LeadId = lead }, Ct);

        (kept.StatusCode, draft.StatusCode).ShouldBe((HttpStatusCode.NotFound, HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task Nothing_in_a_preview_runs_or_is_sent()
    {
        var tenant = await host.ATenantAsync(Ct);

        var html = (await tenant.PostAsync("templates/preview", new
        {
            Subject = "S",
            Content = """
                <style>@import url(https://evil.example/a.css); p { color: red }</style><link rel="stylesheet" href="https://evil.example/b.css">
                <script>alert(1)</script><iframe src="https://evil.example"></iframe><form action="https://evil.example"><input name="x"><button>Go</button></form>
                <p onclick="alert(2)" style="color: blue">Text</p><a href="javascript:alert(3)">link</a><svg onload="alert(4)"></svg><object data="x"></object>
                <img src="https://a.example/b.png" onerror="alert(5)"><img src="cid:logo"><img src="data:text/html;base64,PHA+">
                """,
        }, Ct)).Text("html");

        foreach (var gone in new[] { "script", "alert", "iframe", "<form", "<input", "<button", "@import", "<link", "evil.example", "onclick", "onerror", "javascript", "<svg", "<object", "data:" })
        {
            html.ShouldNotContain(gone);
        }

        foreach (var kept in new[] { "https://a.example/b.png", "cid:logo", "Text", "color:" })
        {
            html.ShouldContain(kept);
        }
    }

    [Theory]
    [InlineData("{ \"subject\": \"S\", \"content\": \"{{ nickname }}\" }", HttpStatusCode.UnprocessableEntity, "content")]
    [InlineData("{ \"subject\": \"S\", \"content\": \"C\", \"sample\": { \"nickname\": \"x\" } }", HttpStatusCode.BadRequest, "sample")]
    public async Task A_draft_that_could_not_be_sent_is_not_shown(string draft, HttpStatusCode status, string field)
    {
        var tenant = await host.ATenantAsync(Ct);

        var answer = await tenant.Http.PostAsJsonAsync("templates/preview", JsonNode.Parse(draft), Ct);

        (await answer.ProblemAsync(status, Ct)).Fields().ShouldBe([field]);
    }
}
