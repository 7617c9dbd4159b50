using System.Text.Json.Nodes;
using MimeKit;
using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;

namespace PenguinMails.Tests.Campaigns;

public sealed class CampaignTests(HostFixture host)
{
    // No two messages of one step of one lead were ever taken by a server, in any campaign of any test.
    private const string SentTwice = """
        SELECT campaign_lead_id, step_id FROM content.email_messages
        WHERE tenant_id = $1 AND status = 'sent' GROUP BY 1, 2 HAVING count(*) > 1
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mails_each_lead_once_for_each_step_and_completes()
    {
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAsync(Ct);
        var template = await tenant.ATemplateAsync(Ct);
        var scene = await CampaignScene.DraftAsync(host, tenant, [mailbox], await tenant.AListAsync(5, Ct), Ct, CampaignScene.Email(template));

        await scene.LaunchAsync(Ct);
        var state = await scene.CompletedAsync(Ct);

        state["progress"]!["messages"]!.Number("sent").ShouldBe(5);
        Mail(mailbox.Text("email")).Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_follow_up_waits_for_its_date_and_answers_the_first_message_from_the_same_mailbox()
    {
        var tenant = await host.ATenantAsync(Ct);
        JsonNode[] pool = [await tenant.AMailboxAsync(Ct), await tenant.AMailboxAsync(Ct)];
        var (first, second) = (await tenant.ATemplateAsync(Ct), await tenant.ATemplateAsync(Ct, "Not used", "<p>Again, {{ first_name }}</p>"));
        var date = TimeProvider.System.GetUtcNow().AddSeconds(3);
        var scene = await CampaignScene.DraftAsync(host, tenant, pool, await tenant.AListAsync(8, Ct), Ct,
            CampaignScene.Email(first), CampaignScene.WaitUntil(date), CampaignScene.Email(second));

        await scene.LaunchAsync(Ct);
        await scene.CompletedAsync(Ct);

        var mail = pool.SelectMany(mailbox => Mail(mailbox.Text("email"))).ToList();
        var leads = mail.GroupBy(message => message.To.Mailboxes.Single().Address).ToList();
        leads.Count.ShouldBe(8);
        foreach (var lead in leads)
        {
            var (opening, answer) = (lead.Single(message => message.InReplyTo is null), lead.Single(message => message.InReplyTo is not null));
            opening.Subject.ShouldBe($"Hello {opening.To.Mailboxes.Single().Name}");
            opening.References.ShouldBeEmpty();
            answer.Subject.ShouldBe($"Re: {opening.Subject}");
            answer.InReplyTo.ShouldBe(opening.MessageId);
            answer.References.ShouldBe([opening.MessageId!]);
            answer.From.ToString().ShouldBe(opening.From.ToString());
            answer.TextBody!.ShouldContain("Again, Lead");
            // The header knows no fractions of a second.
            answer.Date.AddSeconds(1).ShouldBeGreaterThan(date);
        }

        (await host.QueryAsync("SELECT used FROM usage_counters WHERE tenant_id = $1 AND metric = 'emails'", Ct, tenant.TenantId)).ShouldBe(["16"]);
        (await host.QueryAsync(SentTwice, Ct, tenant.TenantId)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_message_is_addressed_escaped_and_can_be_unsubscribed_from()
    {
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAsync(Ct);
        var list = await tenant.AListOfAsync("email,first_name,company,custom.city\nann@recipient.example,<b>,\"Böhm & \"\"Söhne\"\"\",Zürich\n", Ct);
        var template = await tenant.ATemplateAsync(Ct, "For {{ first_name }}", "<p>{{ first_name }} of {{ company }} in {{ custom.city }}</p>");
        var scene = await CampaignScene.DraftAsync(host, tenant, [mailbox], list, Ct, CampaignScene.Email(template));

        await scene.LaunchAsync(Ct);
        await scene.CompletedAsync(Ct);

        var message = Mail(mailbox.Text("email")).Single();
        message.Subject.ShouldBe("For <b>");
        message.From.Mailboxes.Single().ShouldBe(new MailboxAddress("Someone", mailbox.Text("email")));
        message.To.Mailboxes.Single().ShouldBe(new MailboxAddress("<b>", "ann@recipient.example"));
        (message.Cc.Count, message.Bcc.Count).ShouldBe((0, 0));

        message.HtmlBody!.ShouldContain("&lt;b&gt; of B");
        message.HtmlBody!.ShouldNotContain("<b>");
        message.HtmlBody!.ShouldNotContain("\"Söhne\"");
        message.TextBody!.ShouldContain("<b> of Böhm & \"Söhne\" in Zürich");

        var link = UnsubscribeTests.LinkOf(message);
        message.Headers[HeaderId.ListUnsubscribe].ShouldBe($"<{link}>");
        message.Headers[HeaderId.ListUnsubscribePost].ShouldBe("List-Unsubscribe=One-Click");
        foreach (var body in new[] { message.HtmlBody, message.TextBody })
        {
            body.ShouldNotBeNull();
            body.ShouldContain("Some Company, 1 Some Street, Some Town");
            body.ShouldContain(link);
        }
    }

    [Fact]
    public async Task A_message_carries_a_valid_signature_by_the_key_of_the_domains_record()
    {
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAsync(Ct);
        var domain = await tenant.GetAsync($"domains/{mailbox.Text("domainId")}", Ct);
        var record = domain["dnsRecords"]!.AsArray().Single(row => row!["selector"] is not null)!;
        // Long lines, a lone dot and letters beyond ASCII: what transport encodes, stuffs and folds must not break the hash.
        var template = await tenant.ATemplateAsync(Ct, $"Grüße {new string('é', 90)}", $"<p>Grüße\n.\n..two\n{new string('x', 1200)}   \n\n</p>\n\n\n");
        var scene = await CampaignScene.DraftAsync(host, tenant, [mailbox], await tenant.AListAsync(1, Ct), Ct, CampaignScene.Email(template));

        await scene.LaunchAsync(Ct);
        await scene.CompletedAsync(Ct);

        var message = Mail(mailbox.Text("email")).Single();
        var signature = message.Headers[HeaderId.DkimSignature]!;
        var signed = signature.Split(';').Select(tag => tag.Trim()).Single(tag => tag.StartsWith("h=", StringComparison.Ordinal))[2..];
        signed.Split(':').Select(name => name.Trim().ToLowerInvariant()).Order(StringComparer.Ordinal).ShouldBe(
            ["date", "from", "list-unsubscribe", "list-unsubscribe-post", "message-id", "subject", "to"], ignoreOrder: true, signature);
        var verifier = new DkimVerifier(new Published($"{record.Text("selector")}._domainkey.{domain.Text("domain")}", record.Text("value")));
        (await IsValidAsync(verifier, message)).ShouldBeTrue(signature);
        message.Subject = "Another";
        (await IsValidAsync(verifier, message)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_line_break_in_a_name_adds_no_header()
    {
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAsync(Ct);
        var list = await tenant.AListOfAsync("email,first_name\nann@recipient.example,\"Ann\r\nBcc: thief@elsewhere.example\r\nX-Own: 1\"\n", Ct);
        var template = await tenant.ATemplateAsync(Ct);
        var scene = await CampaignScene.DraftAsync(host, tenant, [mailbox], list, Ct, CampaignScene.Email(template));

        await scene.LaunchAsync(Ct);
        await scene.CompletedAsync(Ct);

        var message = Mail(mailbox.Text("email")).Single();
        message.Bcc.ShouldBeEmpty();
        message.Headers["X-Own"].ShouldBeNull();
        message.To.Mailboxes.Single().Address.ShouldBe("ann@recipient.example");
    }

    private List<MimeMessage> Mail(string from) => [.. host.Mail.Where(message => message.From.Mailboxes.Single().Address == from)];

    private static async Task<bool> IsValidAsync(DkimVerifier verifier, MimeMessage message) =>
        await verifier.VerifyAsync(message, message.Headers[message.Headers.IndexOf(HeaderId.DkimSignature)], Ct);

    /// <summary>DNS with one record in it.</summary>
    private sealed class Published(string name, string value) : DkimPublicKeyLocatorBase
    {
        public override AsymmetricKeyParameter LocatePublicKey(string methods, string domain, string selector, CancellationToken ct = default)
        {
            $"{selector}._domainkey.{domain}".ShouldBe(name);
            return GetPublicKey(value);
        }

        public override Task<AsymmetricKeyParameter> LocatePublicKeyAsync(
            string methods, string domain, string selector, CancellationToken ct = default) =>
            Task.FromResult(LocatePublicKey(methods, domain, selector, ct));
    }
}
