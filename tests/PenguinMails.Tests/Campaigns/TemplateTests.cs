using System.Net;
using System.Net.Http.Json;

namespace PenguinMails.Tests.Campaigns;

public sealed class TemplateTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("<p>{{ first_name }}</p>\n\n<p>{{ nickname }}</p>", "'nickname' in line 3")]
    // The name is also a part of a known one, further up.
    [InlineData("<p>{{ first_name }}</p>\n\n<p>{{ first }}</p>", "'first' in line 3")]
    [InlineData("{% if cheese %}x{% endif %}", "'cheese' in line 1")]
    [InlineData("\n{{ email | default: cheese }}", "'cheese' in line 2")]
    [InlineData("{% assign own = 1 %}{{ own }}\n{{ other }}", "'other' in line 2")]
    public async Task Refuses_an_unknown_variable_by_name_and_line(string content, string words)
    {
        var problem = await RefusedAsync(new { Name = "T", Subject = "S", Content = content }, HttpStatusCode.UnprocessableEntity);

        problem.Field.ShouldBe("content");
        problem.Message.ShouldContain(words);
    }

    [Theory]
    [InlineData("{{ first_name ")]
    [InlineData("{% if email %}never closed")]
    [InlineData("{% unheardof %}")]
    public async Task Refuses_what_is_not_liquid(string content)
    {
        var problem = await RefusedAsync(new { Name = "T", Subject = "S", Content = content }, HttpStatusCode.UnprocessableEntity);

        problem.Field.ShouldBe("content");
        problem.Message.ShouldStartWith("Not valid Liquid");
    }

    [Fact]
    public async Task Refuses_an_unknown_variable_in_the_subject() =>
        (await RefusedAsync(new { Name = "T", Subject = "Hello {{ nickname }}", Content = "C" }, HttpStatusCode.UnprocessableEntity)).Field
            .ShouldBe("subject");

    [Theory]
    [InlineData("a\r\nBcc: thief@elsewhere.example")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("a\tb")]
    public async Task Refuses_control_characters_in_the_subject(string subject) =>
        (await RefusedAsync(new { Name = "T", Subject = subject, Content = "C" }, HttpStatusCode.BadRequest)).Field.ShouldBe("subject");

    [Theory]
    [InlineData("a\r\nBcc: thief@elsewhere.example", null)]
    [InlineData(null, "a\r\nBcc: thief@elsewhere.example")]
    public async Task Refuses_control_characters_in_a_steps_overrides(string? subjectOverride, string? fromNameOverride)
    {
        var tenant = await host.ATenantAsync(Ct);
        var template = await tenant.ATemplateAsync(Ct);
        var campaign = await tenant.PostAsync("campaigns", new { tenant.CompanyId, Name = "C" }, Ct);

        var answer = await tenant.Http.PostAsJsonAsync($"campaigns/{campaign.Id()}/steps",
            new { StepType = "email", TemplateId = template.Id(), SubjectOverride = subjectOverride, FromNameOverride = fromNameOverride }, Ct);

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, Ct);
        problem.Fields().ShouldBe([subjectOverride is null ? "fromNameOverride" : "subjectOverride"]);
    }

    [Fact]
    public async Task Refuses_an_unknown_variable_in_a_steps_subject()
    {
        var tenant = await host.ATenantAsync(Ct);
        var template = await tenant.ATemplateAsync(Ct);
        var campaign = await tenant.PostAsync("campaigns", new { tenant.CompanyId, Name = "C" }, Ct);

        var answer = await tenant.Http.PostAsJsonAsync($"campaigns/{campaign.Id()}/steps",
            new { StepType = "email", TemplateId = template.Id(), SubjectOverride = "{{ nickname }}" }, Ct);

        (await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["subjectOverride"]);
    }

    [Fact]
    public async Task Keeps_a_template_of_known_variables_and_their_aliases()
    {
        var tenant = await host.ATenantAsync(Ct);
        const string content = "{{ first_name | default: \"there\" }} {{ firstName }} {{ custom.anything }} {{ unsubscribe_url }} {{ senderName }} {a|b}";

        var template = await tenant.ATemplateAsync(Ct, "{{ company }}", content);

        template.Text("content").ShouldBe(content);
        (await tenant.GetAsync("templates", Ct))["items"]!.AsArray().Single()!.Id().ShouldBe(template.Id());
    }

    private async Task<(string Field, string Message)> RefusedAsync(object template, HttpStatusCode status)
    {
        var tenant = await host.ATenantAsync(Ct);
        var answer = await tenant.Http.PostAsJsonAsync("templates", template, Ct);
        var problem = await answer.ProblemAsync(status, Ct);
        (await tenant.GetAsync("templates", Ct))["items"]!.AsArray().ShouldBeEmpty();
        var field = problem.Fields().Single();
        return (field, problem["errors"]![field]![0]!.GetValue<string>());
    }
}
