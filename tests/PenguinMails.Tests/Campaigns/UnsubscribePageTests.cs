using System.Net;
using MimeKit;

namespace PenguinMails.Tests.Campaigns;

/// <summary>The page that a link to unsubscribe leads to, and what its buttons do.</summary>
public sealed class UnsubscribePageTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_runs_nothing_and_is_kept_by_nobody()
    {
        var (_, link) = await SentAsync();
        using var browser = new HttpClient();

        foreach (var (method, address) in new[] { (HttpMethod.Get, link), (HttpMethod.Head, link), (HttpMethod.Post, link), (HttpMethod.Get, $"{host.Url}/u/x") })
        {
            using var request = new HttpRequestMessage(method, address);
            using var page = await browser.SendAsync(request, Ct);

            page.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8");
            page.Headers.CacheControl!.NoStore.ShouldBeTrue();
            page.Headers.GetValues("X-Frame-Options").ShouldBe(["DENY"]);
            page.Headers.GetValues("X-Robots-Tag").Single().ShouldContain("noindex");
            page.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'; style-src 'sha256-");
            page.Headers.Contains("Set-Cookie").ShouldBeFalse();
            var html = await page.Content.ReadAsStringAsync(Ct);
            html.ShouldNotContain("<script");
            html.ShouldNotContain("style=\"");
            (method == HttpMethod.Head ? html == "" : html.Contains("<html lang=\"en\">") && html.Contains("<main>")).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_head_changes_nothing()
    {
        var (scene, link) = await SentAsync();
        using var browser = new HttpClient();

        using var request = new HttpRequestMessage(HttpMethod.Head, link);
        (await browser.SendAsync(request, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await SuppressionsAsync(scene)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_from_the_company_leaves_the_others_free_and_all_of_them_comes_after()
    {
        var (scene, link) = await SentAsync();
        using var browser = new HttpClient();

        var left = await (await browser.PostAsync(link, Form("scope", "company"), Ct)).Content.ReadAsStringAsync(Ct);
        left.ShouldContain("unsubscribed from Some Company");
        (await SuppressionsAsync(scene)).ShouldBe([$"{scene.Tenant.CompanyId}|unsubscribed|campaign {scene.Id}"]);
        (await scene.LeadStatusAsync(Ct)).ShouldBe("active");
        (await EventsAsync(scene)).ShouldBe(["1"]);

        var gone = await (await browser.PostAsync(link, Form("scope", ""), Ct)).Content.ReadAsStringAsync(Ct);
        gone.ShouldContain("has been unsubscribed");
        gone.ShouldContain("cannot be undone");
        gone.ShouldNotContain("<form");
        (await scene.LeadStatusAsync(Ct)).ShouldBe("unsubscribed");
        (await SuppressionsAsync(scene)).Count.ShouldBe(2);
        (await EventsAsync(scene)).ShouldBe(["1"]);
    }

    [Fact]
    public async Task Several_posts_at_once_are_one_event_of_the_message_that_was_read()
    {
        var (scene, link) = await SentAsync();
        using var browser = new HttpClient();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => browser.PostAsync(link, Form("List-Unsubscribe", "One-Click"), Ct)));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
        (await EventsAsync(scene)).ShouldBe(["1"]);
        (await host.QueryAsync("""
            SELECT count(*) FROM content.email_events e JOIN content.email_messages m ON m.id = e.message_id AND m.step_id = e.step_id
                AND m.campaign_lead_id = e.campaign_lead_id AND m.email_account_id = e.email_account_id
            WHERE e.campaign_id = $1 AND e.event_type = 'unsubscribed'
            """, Ct, scene.Id)).ShouldBe(["1"]);
    }

    [Fact]
    public async Task A_one_click_body_of_several_parts_counts_too_and_another_action_does_nothing_else()
    {
        var (scene, link) = await SentAsync();
        using var browser = new HttpClient();
        using var parts = new MultipartFormDataContent { { new StringContent("One-Click"), "List-Unsubscribe" } };

        (await browser.PostAsync(link, parts, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SuppressionsAsync(scene)).ShouldBe([$"|unsubscribed|campaign {scene.Id}"]);

        // Nobody gets back onto the list by the link.
        await browser.PostAsync(link, Form("action", "resubscribe"), Ct);
        (await SuppressionsAsync(scene)).Count.ShouldBe(1);
        (await scene.LeadStatusAsync(Ct)).ShouldBe("unsubscribed");
    }

    private static FormUrlEncodedContent Form(string name, string value) => new([new(name, value)]);

    private Task<IReadOnlyList<string>> SuppressionsAsync(CampaignScene scene) => host.QueryAsync(
        "SELECT company_id, reason, source FROM suppressions WHERE tenant_id = $1 ORDER BY created", Ct, scene.Tenant.TenantId);

    private Task<IReadOnlyList<string>> EventsAsync(CampaignScene scene) => host.QueryAsync(
        "SELECT count(*) FROM content.email_events WHERE campaign_id = $1 AND event_type = 'unsubscribed'", Ct, scene.Id);

    private async Task<(CampaignScene Scene, string Link)> SentAsync()
    {
        await using var sink = new FaultySink();
        var scene = await CampaignScene.LaunchAsync(host, sink, 1, Ct);
        await scene.CompletedAsync(Ct);
        MimeMessage mail = sink.Taken.Single();
        return (scene, $"{host.Url}{new Uri(UnsubscribeTests.LinkOf(mail)).AbsolutePath}");
    }
}
