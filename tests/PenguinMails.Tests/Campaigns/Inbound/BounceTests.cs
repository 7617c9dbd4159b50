using PenguinMails.Campaigns;

namespace PenguinMails.Tests.Campaigns.Inbound;

public sealed class BounceTests(HostFixture host) : IAsyncLifetime
{
    private readonly FaultySink _sink = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _sink.DisposeAsync();

    [Fact]
    public async Task A_hard_bounce_ends_it_for_the_address_whoever_says_so()
    {
        string[] leads = ["a@theirs.example", "b@theirs.example", "c@theirs.example", "d@theirs.example", "e@theirs.example"];
        var scene = await InboxScene.SentAsync(host, _sink, Ct, leads);
        Func<MailFixtures, string>[] forms = [mail => mail.Postfix(), mail => mail.Exim(), mail => mail.Qmail(), mail => mail.Exchange(), mail => mail.Gmail()];

        foreach (var (index, lead) in leads.Index())
        {
            await scene.ReceiveAsync(forms[index](await scene.MailAsync(lead, Ct)), Ct, uid: index + 1);
        }

        foreach (var lead in leads)
        {
            (await scene.StateAsync(lead, Ct)).ShouldBe("exited|bounced|bounced|bounced");
            (await scene.EventsAsync(lead, Ct)).ShouldBe("bounced:hard");
            (await scene.SuppressionAsync(lead, Ct)).ShouldBe("hard_bounce");
        }

        (await host.QueryAsync("SELECT bounced FROM warmup_log WHERE email_account_id = $1", Ct, scene.MailboxId)).ShouldBe(["5"]);
        (await scene.InboxAsync(Ct)).Select(row => row.Split('|')[0]).ShouldBe(Enumerable.Repeat("bounce", 5));
        (await host.QueryAsync("SELECT count(*) FROM content.inbox_threads WHERE tenant_id = $1", Ct, scene.Tenant.TenantId)).ShouldBe(["0"]);
    }

    [Fact]
    public async Task What_is_late_or_refused_for_its_sender_leaves_the_address_alone()
    {
        var scene = await InboxScene.SentAsync(host, _sink, Ct, "late@theirs.example", "spam@theirs.example");

        await scene.ReceiveAsync((await scene.MailAsync("late@theirs.example", Ct)).Postfix("4.4.1", "timed out", "delayed"), Ct, uid: 1);
        await scene.ReceiveAsync((await scene.MailAsync("spam@theirs.example", Ct)).Postfix("5.7.1", "554 5.7.1 blocked as spam"), Ct, uid: 2);

        (await scene.StateAsync("late@theirs.example", Ct)).ShouldBe("active||sent|active");
        (await scene.EventsAsync("late@theirs.example", Ct)).ShouldBe("deferred");
        (await scene.StateAsync("spam@theirs.example", Ct)).ShouldBe("active||bounced|active");
        (await scene.EventsAsync("spam@theirs.example", Ct)).ShouldBe("bounced:blocked");
        (await scene.SuppressionAsync("spam@theirs.example", Ct)).ShouldBe("");
    }

    [Fact]
    public async Task Soft_bounces_in_a_row_suppress_and_an_answer_between_them_begins_anew()
    {
        var scene = await InboxScene.SentAsync(host, _sink, Ct, "full@theirs.example", "other@theirs.example");
        await scene.ExecuteAsync($"UPDATE leads SET soft_bounces = {SoftBounces.Most - 1} WHERE tenant_id = (SELECT tenant_id FROM campaigns WHERE id = $1)", Ct);
        var other = await scene.MailAsync("other@theirs.example", Ct);

        await scene.ReceiveAsync(other.Reply(), Ct, uid: 1);
        await scene.ReceiveAsync(other.Postfix("5.2.2", "552 5.2.2 mailbox full"), Ct, uid: 2);
        await scene.ReceiveAsync((await scene.MailAsync("full@theirs.example", Ct)).Postfix("5.2.2", "552 5.2.2 mailbox full"), Ct, uid: 3);

        (await scene.StateAsync("other@theirs.example", Ct)).ShouldBe("exited|replied|bounced|active");
        (await scene.SuppressionAsync("other@theirs.example", Ct)).ShouldBe("");
        (await scene.StateAsync("full@theirs.example", Ct)).ShouldBe("exited|bounced|bounced|bounced");
        (await scene.EventsAsync("full@theirs.example", Ct)).ShouldBe("bounced:soft");
        (await scene.SuppressionAsync("full@theirs.example", Ct)).ShouldBe("soft_bounces");
    }

    [Fact]
    public async Task A_bounce_that_names_no_message_is_matched_by_its_address_only()
    {
        var scene = await InboxScene.SentAsync(host, _sink, Ct, "ann@theirs.example");
        var mail = (await scene.MailAsync("ann@theirs.example", Ct)) with { MessageId = "rewritten@provider.example" };

        await scene.ReceiveAsync((mail with { To = "nobody@theirs.example" }).Postfix(), Ct, uid: 1);
        (await scene.StateAsync("ann@theirs.example", Ct)).ShouldBe("active||sent|active");
        await scene.ReceiveAsync(mail.Postfix(), Ct, uid: 2);

        (await scene.StateAsync("ann@theirs.example", Ct)).ShouldBe("exited|bounced|bounced|bounced");
    }

    [Fact]
    public async Task A_complaint_ends_it_for_the_address_everywhere()
    {
        var scene = await InboxScene.SentAsync(host, _sink, Ct, "ann@theirs.example");
        var raw = (await scene.MailAsync("ann@theirs.example", Ct)).Complaint();

        await scene.ReceiveAsync(raw, Ct);
        await scene.ReceiveAsync(raw, Ct);

        (await scene.StateAsync("ann@theirs.example", Ct)).ShouldBe("exited|complained|sent|complained");
        (await scene.EventsAsync("ann@theirs.example", Ct)).ShouldBe("complained");
        (await scene.SuppressionAsync("ann@theirs.example", Ct)).ShouldBe("complaint");
        (await host.QueryAsync("SELECT complained FROM warmup_log WHERE email_account_id = $1", Ct, scene.MailboxId)).ShouldBe(["1"]);
        (await scene.InboxAsync(Ct)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Another_tenants_messages_are_never_matched()
    {
        var scene = await InboxScene.SentAsync(host, _sink, Ct, "ann@theirs.example");
        var other = await InboxScene.SentAsync(host, _sink, Ct, "ann@theirs.example");
        var mail = await scene.MailAsync("ann@theirs.example", Ct);

        await other.ReceiveAsync((mail with { To = "else@theirs.example" }).Postfix(), Ct, uid: 1);

        (await scene.StateAsync("ann@theirs.example", Ct)).ShouldBe("active||sent|active");
        (await other.StateAsync("ann@theirs.example", Ct)).ShouldBe("active||sent|active");
    }

    [Fact]
    public async Task Too_many_hard_bounces_pause_the_campaign_and_the_mailbox_at_once()
    {
        var leads = Enumerable.Range(1, 20).Select(number => $"lead{number}@theirs.example").ToArray();
        var scene = await InboxScene.SentAsync(host, _sink, Ct, leads);

        // One of twenty is the limit itself; what was refused for its sender does not count.
        await scene.ReceiveAsync((await scene.MailAsync(leads[0], Ct)).Postfix(), Ct, uid: 1);
        await scene.ReceiveAsync((await scene.MailAsync(leads[1], Ct)).Postfix("5.7.1", "blocked as spam"), Ct, uid: 2);
        (await scene.Campaign.StateAsync(Ct)).Text("status").ShouldBe("sending");
        (await MailboxAsync(scene)).ShouldBe("paused");
        await scene.ReceiveAsync((await scene.MailAsync(leads[2], Ct)).Postfix(), Ct, uid: 3);

        var campaign = await scene.Campaign.StateAsync(Ct);
        campaign.Text("status").ShouldBe("paused");
        (await host.QueryAsync("SELECT pause_reason FROM campaigns WHERE id = $1", Ct, scene.Campaign.Id)).Single().ShouldContain("10 % of the last 20 messages bounced");
        (await MailboxAsync(scene)).ShouldBe("suspended");
        (await host.QueryAsync("SELECT title FROM system_notifications WHERE tenant_id = $1 AND NOT is_resolved ORDER BY title", Ct, scene.Tenant.TenantId))
            .ShouldBe(["Campaign paused", "Mailbox suspended"]);

        // A person has looked: what was before counts no more.
        await scene.ExecuteAsync("UPDATE campaigns SET status = 'sending', judged_from = now() WHERE id = $1", Ct);
        await scene.ReceiveAsync((await scene.MailAsync(leads[3], Ct)).Postfix(), Ct, uid: 4);
        (await scene.Campaign.StateAsync(Ct)).Text("status").ShouldBe("sending");
    }

    private async Task<string> MailboxAsync(InboxScene scene) =>
        (await scene.Tenant.GetAsync($"email-accounts/{scene.MailboxId}", Ct)).Text("status");
}
