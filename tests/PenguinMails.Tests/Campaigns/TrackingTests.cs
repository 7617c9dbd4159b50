using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MimeKit;

namespace PenguinMails.Tests.Campaigns;

/// <summary>A message with tracking, from the template to what is known of its reader.</summary>
public sealed partial class TrackingTests(HostFixture host)
{
    private const string Target = "https://target.example/a?x=1&y=%C3%A4#z";

    private const string Content =
        """<p><a href="https://target.example/a?x=1&amp;y=%C3%A4#z">Look</a> <a href="https://other.example/">Other</a> <a href="mailto:a@b.example">Mail</a></p>""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_that_is_opened_and_whose_link_is_followed_tells_so()
    {
        await using var sink = new FaultySink();
        var (scene, mail) = await SentAsync(sink);
        using var reader = NewReader();

        using var gif = await reader.GetAsync(Here(GifOf(mail)), Ct);
        (gif.StatusCode, gif.Content.Headers.ContentType!.MediaType).ShouldBe((HttpStatusCode.OK, "image/gif"));
        (await gif.Content.ReadAsByteArrayAsync(Ct))[..6].ShouldBe("GIF89a"u8.ToArray());
        gif.Headers.CacheControl!.NoStore.ShouldBeTrue();
        gif.Headers.Contains("Set-Cookie").ShouldBeFalse();
        (await EventsAsync(scene)).ShouldBe(["opened||"]);
        (await ScoreAsync(scene)).ShouldBe(1);

        using var click = await reader.GetAsync(Here(LinksOf(mail)[0]), Ct);
        (click.StatusCode, click.Headers.Location!.OriginalString).ShouldBe((HttpStatusCode.Redirect, Target));
        (await EventsAsync(scene)).ShouldBe(["opened||", $"clicked|{Target}|"]);
        (await ScoreAsync(scene)).ShouldBe(6);
        (await host.QueryAsync("SELECT opened, clicked FROM warmup_log WHERE tenant_id = $1", Ct, scene.Tenant.TenantId)).ShouldBe(["1|1"]);
        (await host.QueryAsync("""
            SELECT count(*) FROM content.email_events e JOIN content.email_messages m ON m.id = e.message_id AND m.campaign_lead_id = e.campaign_lead_id
                AND m.step_id = e.step_id AND m.email_account_id = e.email_account_id AND m.lead_id = e.lead_id
            WHERE e.campaign_id = $1 AND e.event_type IN ('opened', 'clicked')
            """, Ct, scene.Id)).ShouldBe(["2"]);
    }

    [Fact]
    public async Task The_text_the_mail_address_and_the_link_to_unsubscribe_are_left_alone()
    {
        await using var sink = new FaultySink();
        var (_, mail) = await SentAsync(sink);

        LinksOf(mail).Count.ShouldBe(2);
        mail.HtmlBody!.ShouldContain("href=\"mailto:a@b.example\"");
        UnsubscribeTests.LinkOf(mail).ShouldContain("/u/");
        mail.TextBody!.ShouldContain("https://target.example/a?x=1&y=");
        mail.TextBody!.ShouldNotContain("/t/");
    }

    [Fact]
    public async Task Who_follows_a_link_has_opened_the_message_even_without_the_gif()
    {
        await using var sink = new FaultySink();
        var (scene, mail) = await SentAsync(sink);
        using var reader = NewReader();

        await reader.GetAsync(Here(LinksOf(mail)[0]), Ct);

        (await EventsAsync(scene)).ShouldBe(["opened||", $"clicked|{Target}|"], ignoreOrder: true);
        (await ScoreAsync(scene)).ShouldBe(6);
    }

    [Fact]
    public async Task Many_opens_at_once_are_one_and_there_are_never_more_than_twenty()
    {
        await using var sink = new FaultySink();
        var (scene, mail) = await SentAsync(sink);
        using var reader = NewReader();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => reader.GetAsync(Here(GifOf(mail)), Ct)));
        answers.ShouldAllBe(answer => answer.IsSuccessStatusCode);
        (await EventsAsync(scene)).ShouldBe(["opened||"]);

        for (var minute = 0; minute < 22; minute++)
        {
            await host.QueryAsync("UPDATE content.email_events SET occurred = occurred - interval '61 seconds' WHERE campaign_id = $1", Ct, scene.Id);
            await reader.GetAsync(Here(GifOf(mail)), Ct);
        }

        (await EventsAsync(scene)).Count.ShouldBe(20);
        (await ScoreAsync(scene)).ShouldBe(1);
    }

    [Fact]
    public async Task A_link_that_is_followed_twice_within_the_minute_counts_once_and_another_for_itself()
    {
        await using var sink = new FaultySink();
        var (scene, mail) = await SentAsync(sink);
        using var reader = NewReader();

        foreach (var link in new[] { LinksOf(mail)[0], LinksOf(mail)[0], LinksOf(mail)[1] })
        {
            (await reader.GetAsync(Here(link), Ct)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        }

        (await EventsAsync(scene)).Where(row => row.StartsWith("clicked", StringComparison.Ordinal))
            .ShouldBe([$"clicked|{Target}|", "clicked|https://other.example/|"], ignoreOrder: true);
        (await ScoreAsync(scene)).ShouldBe(6);
    }

    [Fact]
    public async Task Machines_are_answered_and_not_counted()
    {
        await using var sink = new FaultySink();
        var (scene, mail) = await SentAsync(sink);
        using var reader = NewReader();
        (string Name, string Value)[] machines =
            [("User-Agent", "Mozilla/5.0 (compatible; bingbot/2.0)"), ("User-Agent", "Barracuda Sentinel (EE)"), ("Sec-Purpose", "prefetch;prerender"), ("Purpose", "prefetch")];

        foreach (var (name, value) in machines)
        {
            foreach (var address in new[] { LinksOf(mail)[0], GifOf(mail) })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, Here(address));
                request.Headers.TryAddWithoutValidation(name, value);
                ((int)(await reader.SendAsync(request, Ct)).StatusCode).ShouldBeOneOf(200, 302);
            }
        }

        using var look = new HttpRequestMessage(HttpMethod.Head, Here(LinksOf(mail)[0]));
        (await reader.SendAsync(look, Ct)).Headers.Location!.OriginalString.ShouldBe(Target);
        using var lookAtGif = new HttpRequestMessage(HttpMethod.Head, Here(GifOf(mail)));
        (await reader.SendAsync(lookAtGif, Ct)).Content.Headers.ContentType!.MediaType.ShouldBe("image/gif");
        // No reader is as fast as whoever follows the links before the message is let in.
        await host.QueryAsync("UPDATE content.email_messages SET sent = now() + interval '1 minute' WHERE campaign_id = $1", Ct, scene.Id);
        (await reader.GetAsync(Here(LinksOf(mail)[0]), Ct)).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        (await EventsAsync(scene)).ShouldBeEmpty();
        (await ScoreAsync(scene)).ShouldBe(0);
    }

    [Fact]
    public async Task A_campaign_that_does_not_track_has_neither_and_one_that_stops_records_no_more()
    {
        await using var sink = new FaultySink();
        var (_, plain) = await SentAsync(sink, opens: false, clicks: false);
        plain.HtmlBody!.ShouldNotContain("/t/");

        await using var other = new FaultySink();
        var (scene, mail) = await SentAsync(other, opens: false);
        mail.HtmlBody!.ShouldNotContain("/t/o/");
        using var reader = NewReader();
        await reader.GetAsync(Here(LinksOf(mail)[0]), Ct);
        (await EventsAsync(scene)).ShouldBe([$"clicked|{Target}|"]);

        await host.QueryAsync("UPDATE campaigns SET track_clicks = FALSE WHERE id = $1", Ct, scene.Id);
        (await reader.GetAsync(Here(LinksOf(mail)[1]), Ct)).Headers.Location!.OriginalString.ShouldBe("https://other.example/");
        (await EventsAsync(scene)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_token_that_is_not_ours_gets_a_gif_and_never_a_redirect()
    {
        await using var sink = new FaultySink();
        var (scene, mail) = await SentAsync(sink);
        using var reader = NewReader();
        var (open, click) = (new Uri(GifOf(mail)).Segments[^1], new Uri(LinksOf(mail)[0]).Segments[^1]);
        var changed = click[..^8] + (click[^8] == 'A' ? 'B' : 'A') + click[^7..];
        var unsubscribe = new Uri(UnsubscribeTests.LinkOf(mail)).Segments[^1];

        foreach (var forged in new[] { "x", "%20", changed, click[..^4], open, unsubscribe, "https%3A%2F%2Fevil.example", new string('A', 4000) })
        {
            using var answer = await reader.GetAsync($"{host.Url}/t/c/{forged}?url=https://evil.example", Ct);
            (answer.StatusCode, answer.Headers.Location).ShouldBe((HttpStatusCode.NotFound, null), forged);
        }

        foreach (var forged in new[] { "x", changed, click, unsubscribe, new string('A', 4000) })
        {
            using var answer = await reader.GetAsync($"{host.Url}/t/o/{forged}", Ct);
            (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType).ShouldBe((HttpStatusCode.OK, "image/gif"), forged);
        }

        (await EventsAsync(scene)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_link_leads_on_when_the_message_and_its_campaign_are_gone()
    {
        await using var sink = new FaultySink();
        var (scene, mail) = await SentAsync(sink);
        await host.QueryAsync("DELETE FROM content.email_messages WHERE campaign_id = $1", Ct, scene.Id);
        using var reader = NewReader();

        (await reader.GetAsync(Here(LinksOf(mail)[0]), Ct)).Headers.Location!.OriginalString.ShouldBe(Target);
        (await reader.GetAsync(Here(GifOf(mail)), Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await EventsAsync(scene)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Links_lead_through_the_domains_own_name_once_that_is_verified()
    {
        await using var sink = new FaultySink();
        var (_, mail) = await SentAsync(sink, prepare: tenant => host.QueryAsync("""
            UPDATE domains SET tracking_host = 'go', dns_records = dns_records || jsonb_build_array(
                (dns_records -> 0) || '{"type": "CNAME", "name": "go", "value": "track.example", "selector": null, "status": "verified"}')
            WHERE tenant_id = $1
            """, Ct, tenant.TenantId));

        var own = $"https://go.{mail.From.Mailboxes.Single().Domain}/t/";
        GifOf(mail).ShouldStartWith(own);
        LinksOf(mail).ShouldAllBe(link => link.StartsWith(own, StringComparison.Ordinal));
        UnsubscribeTests.LinkOf(mail).ShouldNotStartWith("https://go.");
    }

    private async Task<(CampaignScene Scene, MimeMessage Mail)> SentAsync(
        FaultySink sink, bool opens = true, bool clicks = true, Func<TenantClient, Task>? prepare = null)
    {
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAtAsync(sink, Ct);
        var template = await tenant.ATemplateAsync(Ct, content: Content);
        var scene = await CampaignScene.DraftAsync(host, tenant, [mailbox], await tenant.AListAsync(1, Ct), Ct, CampaignScene.Email(template));
        await host.QueryAsync("UPDATE campaigns SET track_opens = $2, track_clicks = $3 WHERE id = $1", Ct, scene.Id, opens, clicks);
        await (prepare?.Invoke(tenant) ?? Task.CompletedTask);
        await scene.LaunchAsync(Ct);
        await scene.CompletedAsync(Ct);
        // A link is followed no sooner than two seconds after the message left.
        await host.QueryAsync("UPDATE content.email_messages SET sent = sent - interval '1 minute' WHERE campaign_id = $1", Ct, scene.Id);
        return (scene, sink.Taken.Single());
    }

    private async Task<IReadOnlyList<string>> EventsAsync(CampaignScene scene) => await host.QueryAsync("""
        SELECT event_type, metadata ->> 'url', NULL FROM content.email_events WHERE campaign_id = $1 AND event_type IN ('opened', 'clicked') ORDER BY created, event_type DESC
        """, Ct, scene.Id);

    private async Task<int> ScoreAsync(CampaignScene scene)
    {
        JsonNode lead = (await scene.Tenant.GetAsync("leads", Ct))["items"]![0]!;
        return lead.Number("score");
    }

    // The links begin with the public URL, which stands for this host.
    private string Here(string link) => $"{host.Url}{new Uri(link).AbsolutePath}";

    private static HttpClient NewReader() => new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });

    private static string GifOf(MimeMessage mail) => Gif().Match(mail.HtmlBody!).Groups[1].Value;

    private static List<string> LinksOf(MimeMessage mail) => [.. Link().Matches(mail.HtmlBody!).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("<img src=\"([^\"]+/t/o/[^\"]+)\"")]
    private static partial Regex Gif();

    [GeneratedRegex("href=\"([^\"]+/t/c/[^\"]+)\"")]
    private static partial Regex Link();
}
