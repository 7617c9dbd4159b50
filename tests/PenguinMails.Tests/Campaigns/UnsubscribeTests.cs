using System.Net;
using System.Text.RegularExpressions;
using MimeKit;
using PenguinMails.Host.Embedded.Mail;

namespace PenguinMails.Tests.Campaigns;

public sealed partial class UnsubscribeTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>The link of a message's footer.</summary>
    internal static string LinkOf(MimeMessage message) => Link().Match(message.HtmlBody!).Groups[1].Value;

    [Fact]
    public async Task A_look_changes_nothing_and_a_post_without_login_or_cookie_stops_the_sequence()
    {
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAsync(Ct);
        var template = await tenant.ATemplateAsync(Ct);
        var scene = await CampaignScene.DraftAsync(host, tenant, [mailbox], await tenant.AListAsync(2, Ct), Ct,
            CampaignScene.Email(template), CampaignScene.WaitUntil(TimeProvider.System.GetUtcNow().AddSeconds(4)), CampaignScene.Email(template));
        await scene.LaunchAsync(Ct);
        var first = await Given.EventuallyAsync(() => Task.FromResult(MailTo(mailbox.Text("email"), "lead1@recipient.example")), mail => mail.Count == 1, Ct);
        using var browser = new HttpClient(new HttpClientHandler { UseCookies = false });
        // The link begins with the public URL, which stands for this host.
        var link = $"{host.Url}{new Uri(LinkOf(first.Single())).AbsolutePath}";

        foreach (var _ in Enumerable.Range(0, 2))
        {
            var page = await browser.GetAsync(link, Ct);
            page.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await page.Content.ReadAsStringAsync(Ct)).ShouldContain("<form method=\"post\"");
        }

        (await StatusesAsync(tenant)).ShouldBe(["lead1@recipient.example active", "lead2@recipient.example active"]);

        // As a mail client does it (RFC 8058).
        using var oneClick = new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]);
        var done = await browser.PostAsync(link, oneClick, Ct);
        done.StatusCode.ShouldBe(HttpStatusCode.OK);
        done.Headers.Contains("Set-Cookie").ShouldBeFalse();
        (await StatusesAsync(tenant)).ShouldBe(["lead1@recipient.example unsubscribed", "lead2@recipient.example active"]);
        (await browser.PostAsync(link, null, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await scene.CompletedAsync(Ct);
        MailTo(mailbox.Text("email"), "lead1@recipient.example").Count.ShouldBe(1);
        MailTo(mailbox.Text("email"), "lead2@recipient.example").Count.ShouldBe(2);
        (await host.QueryAsync("SELECT exit_reason FROM campaign_leads WHERE campaign_id = $1 AND status = 'exited'", Ct, scene.Id))
            .ShouldBe(["unsubscribed"]);
        (await host.QueryAsync("SELECT email, reason FROM suppressions WHERE tenant_id = $1", Ct, tenant.TenantId))
            .ShouldBe(["lead1@recipient.example|unsubscribed"]);
        (await host.QueryAsync("SELECT count(*) FROM content.email_events WHERE tenant_id = $1 AND event_type = 'unsubscribed'", Ct, tenant.TenantId))
            .ShouldBe(["1"]);
    }

    [Fact]
    public async Task Whoever_unsubscribes_while_a_batch_is_under_way_is_left_out_of_the_rest_of_it()
    {
        const int parallelism = 4;
        await using var sink = new FaultySink();
        var first = await CampaignScene.LaunchAsync(host, sink, 12, Ct);
        await first.CompletedAsync(Ct);
        var links = sink.Taken.ToDictionary(message => message.To.Mailboxes.Single().Address, LinkOf);
        var release = new TaskCompletionSource();
        sink.OnMessage = async () =>
        {
            await release.Task;
            return SmtpReply.Ok;
        };
        var mailbox = (await first.Tenant.GetAsync("email-accounts", Ct))["items"]![0]!;
        var list = (await first.Tenant.GetAsync("lead-lists", Ct))["items"]![0]!.Id();
        var template = await first.Tenant.ATemplateAsync(Ct, "Second");
        var second = await CampaignScene.DraftAsync(host, first.Tenant, [mailbox], list, Ct, CampaignScene.Email(template));
        await second.LaunchAsync(Ct);
        var begun = await Given.EventuallyAsync(() => second.MessagesAsync(Ct), messages => messages.Count == parallelism, Ct);

        var (address, link) = links.First(lead => begun.All(message => message.Text("toAddress") != lead.Key));
        using var browser = new HttpClient();
        (await browser.PostAsync($"{host.Url}{new Uri(link).AbsolutePath}", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        release.SetResult();
        await second.CompletedAsync(Ct);

        var mailed = sink.Taken.Where(message => message.Subject == "Second").Select(message => message.To.Mailboxes.Single().Address).ToList();
        mailed.Count.ShouldBeGreaterThan(parallelism);
        mailed.ShouldNotContain(address);
    }

    [Fact]
    public async Task A_token_that_was_made_up_or_changed_is_not_found()
    {
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAsync(Ct);
        var template = await tenant.ATemplateAsync(Ct);
        var scene = await CampaignScene.DraftAsync(host, tenant, [mailbox], await tenant.AListAsync(1, Ct), Ct, CampaignScene.Email(template));
        await scene.LaunchAsync(Ct);
        await scene.CompletedAsync(Ct);
        var token = new Uri(LinkOf(MailTo(mailbox.Text("email"), "lead1@recipient.example").Single())).Segments[^1];
        var changed = token[..^8] + (token[^8] == 'A' ? 'B' : 'A') + token[^7..];
        using var browser = new HttpClient();

        foreach (var forged in new[] { "x", "%20", changed, token[..^4], Convert.ToBase64String(scene.Id.ToByteArray()).TrimEnd('='), new string('A', 4000) })
        {
            (await browser.GetAsync($"{host.Url}/u/{forged}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound, forged);
            (await browser.PostAsync($"{host.Url}/u/{forged}", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound, forged);
        }

        (await StatusesAsync(tenant)).ShouldBe(["lead1@recipient.example active"]);
        (await browser.GetAsync($"{host.Url}/u/{token}", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<IReadOnlyList<string>> StatusesAsync(TenantClient tenant) =>
        [.. (await tenant.GetAsync("leads", Ct))["items"]!.AsArray().Select(lead => $"{lead!.Text("email")} {lead!.Text("status")}")
            .Order(StringComparer.Ordinal)];

    private List<MimeMessage> MailTo(string from, string to) =>
        [.. host.Mail.Where(message => message.From.Mailboxes.Single().Address == from && message.To.Mailboxes.Single().Address == to)];

    [GeneratedRegex("<a href=\"([^\"]+)\">Unsubscribe</a>")]
    private static partial Regex Link();
}
