namespace PenguinMails.Tests.Campaigns.Inbound;

public sealed class ReplyTests(HostFixture host) : IAsyncLifetime
{
    private readonly FaultySink _sink = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _sink.DisposeAsync();

    [Fact]
    public async Task An_answer_ends_the_leads_way_and_stands_in_a_thread_however_often_it_comes()
    {
        var scene = await InboxScene.SentAsync(host, _sink, Ct, "ann@acme.example", "bob@acme.example");
        var raw = (await scene.MailAsync("ann@acme.example", Ct)).Reply("Yes, call me.\n\nOn Fri, Me wrote:\n> Hi");

        await scene.ReceiveAsync(raw, Ct);
        await scene.ReceiveAsync(raw, Ct);
        // Uids begin anew, and the message is seen again under another.
        await scene.ReceiveAsync(raw, Ct, uid: 77, uidValidity: 2);

        (await scene.InboxAsync(Ct)).ShouldBe(["reply|Yes, call me.|ann@acme.example|1"]);
        (await scene.EventsAsync("ann@acme.example", Ct)).ShouldBe("replied");
        (await scene.StateAsync("ann@acme.example", Ct)).ShouldBe("exited|replied|sent|active");
        (await scene.StateAsync("bob@acme.example", Ct)).ShouldBe("active||sent|active");
        (await host.QueryAsync("SELECT email, score FROM leads WHERE tenant_id = $1 ORDER BY email", Ct, scene.Tenant.TenantId))
            .ShouldBe(["ann@acme.example|10", "bob@acme.example|0"]);
        (await host.QueryAsync("SELECT replied FROM warmup_log WHERE email_account_id = $1", Ct, scene.MailboxId)).ShouldBe(["1"]);
    }

    [Fact]
    public async Task Two_that_bring_the_same_message_at_once_take_it_once()
    {
        var scene = await InboxScene.SentAsync(host, _sink, Ct, "ann@acme.example");
        var raw = (await scene.MailAsync("ann@acme.example", Ct)).Reply();

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => scene.ReceiveAsync(raw, Ct)));

        (await scene.InboxAsync(Ct)).ShouldBe(["reply|Yes, call me.|ann@acme.example|1"]);
        (await scene.EventsAsync("ann@acme.example", Ct)).ShouldBe("replied");
    }

    [Fact]
    public async Task A_second_answer_joins_the_thread()
    {
        var scene = await InboxScene.SentAsync(host, _sink, Ct, "ann@acme.example");
        var mail = await scene.MailAsync("ann@acme.example", Ct);

        await scene.ReceiveAsync(mail.Reply("One."), Ct, uid: 1);
        await scene.ReceiveAsync(mail.Reply("Two.", from: "ann.private@elsewhere.example"), Ct, uid: 2);

        (await scene.InboxAsync(Ct)).ShouldBe(["reply|One.|ann@acme.example|2", "reply|Two.|ann@acme.example|2"]);
    }

    [Fact]
    public async Task A_campaign_that_does_not_stop_goes_on_and_one_that_stops_companies_stops_them()
    {
        var scene = await InboxScene.SentAsync(host, _sink, Ct, "ann@acme.example", "bob@acme.example", "cid@other.example", "dan@gmail.com", "eve@gmail.com");
        var ann = await scene.MailAsync("ann@acme.example", Ct);
        await scene.ExecuteAsync("UPDATE campaigns SET stop_on_reply = false WHERE id = $1", Ct);
        await scene.ReceiveAsync(ann.Reply("First"), Ct, uid: 1);
        (await scene.StateAsync("ann@acme.example", Ct)).ShouldStartWith("active|");

        await scene.ExecuteAsync("UPDATE campaigns SET stop_on_reply = true, stop_company_on_reply = true WHERE id = $1", Ct);
        await scene.ReceiveAsync(ann.Reply("Second"), Ct, uid: 2);
        await scene.ReceiveAsync((await scene.MailAsync("dan@gmail.com", Ct)).Reply(), Ct, uid: 3);

        var states = new List<string>();
        foreach (var lead in new[] { "ann@acme.example", "bob@acme.example", "cid@other.example", "dan@gmail.com", "eve@gmail.com" })
        {
            states.Add((await scene.StateAsync(lead, Ct)).Split('|')[0]);
        }

        states.ShouldBe(["exited", "exited", "active", "exited", "active"]);
    }

    [Fact]
    public async Task Out_of_office_is_kept_and_stops_nobody()
    {
        var scene = await InboxScene.SentAsync(host, _sink, Ct, "ann@acme.example");
        var mail = await scene.MailAsync("ann@acme.example", Ct);

        await scene.ReceiveAsync(mail.Reply("I am away.", "Automatic reply: Hello", "Auto-Submitted: auto-replied\n"), Ct);

        (await scene.InboxAsync(Ct)).ShouldBe(["out_of_office|I am away.|ann@acme.example|0"]);
        (await scene.EventsAsync("ann@acme.example", Ct)).ShouldBe("");
        (await scene.StateAsync("ann@acme.example", Ct)).ShouldBe("active||sent|active");
    }

    [Fact]
    public async Task Own_copies_are_nothing()
    {
        var scene = await InboxScene.SentAsync(host, _sink, Ct, "ann@acme.example");
        var mail = await scene.MailAsync("ann@acme.example", Ct);

        await scene.ReceiveAsync(mail.Reply("From the mailbox itself", from: scene.Mailbox), Ct, uid: 1);
        await scene.ReceiveAsync(mail.Letter("someone@elsewhere.example").Replace("Message-ID: <", $"Message-ID: <{mail.MessageId}>\nX-Was: <", StringComparison.Ordinal), Ct, uid: 2);

        (await scene.InboxAsync(Ct)).ShouldBeEmpty();
        (await scene.StateAsync("ann@acme.example", Ct)).ShouldBe("active||sent|active");
    }

    [Fact]
    public async Task A_lead_who_writes_anew_has_answered_and_a_stranger_has_a_thread_of_their_own()
    {
        var scene = await InboxScene.SentAsync(host, _sink, Ct, "ann@acme.example", "bob@acme.example");
        var mail = await scene.MailAsync("bob@acme.example", Ct);
        var first = mail.Letter("stranger@elsewhere.example", "One.");
        var firstId = first.Split("Message-ID: <")[1].Split('>')[0];

        await scene.ReceiveAsync(mail.Letter("Ann <ANN@acme.example>", "It is me."), Ct, uid: 1);
        await scene.ReceiveAsync(first, Ct, uid: 2);
        await scene.ReceiveAsync(mail.Letter("stranger@elsewhere.example", "Two.", $"In-Reply-To: <{firstId}>\n"), Ct, uid: 3);
        await scene.ReceiveAsync("\0\0 not a message at all", Ct, uid: 4);

        (await scene.InboxAsync(Ct)).Take(3).ShouldBe(
            ["reply|It is me.|ann@acme.example|1", "other|One.|stranger@elsewhere.example|2", "other|Two.|stranger@elsewhere.example|2"]);
        (await scene.InboxAsync(Ct))[3].ShouldStartWith("other|");
        (await scene.StateAsync("ann@acme.example", Ct)).ShouldStartWith("exited|replied");
        (await scene.StateAsync("bob@acme.example", Ct)).ShouldStartWith("active|");
    }

    [Fact]
    public async Task Who_asks_to_be_removed_is_not_written_to_any_more()
    {
        var scene = await InboxScene.SentAsync(host, _sink, Ct, "ann@acme.example", "bob@acme.example");

        await scene.ReceiveAsync((await scene.MailAsync("ann@acme.example", Ct)).Reply("Please remove me from your list."), Ct, uid: 1);
        await scene.ReceiveAsync((await scene.MailAsync("bob@acme.example", Ct)).Letter("bob@acme.example", "").Replace("A question", "unsubscribe", StringComparison.Ordinal), Ct, uid: 2);

        foreach (var lead in new[] { "ann@acme.example", "bob@acme.example" })
        {
            (await scene.StateAsync(lead, Ct)).ShouldBe("exited|unsubscribed|sent|unsubscribed");
            (await scene.SuppressionAsync(lead, Ct)).ShouldBe("unsubscribed");
            (await scene.EventsAsync(lead, Ct)).ShouldBe("unsubscribed");
        }
    }

    [Fact]
    public async Task What_a_sender_has_in_hand_is_waited_for_and_what_it_left_behind_is_in_doubt()
    {
        var scene = await InboxScene.SentAsync(host, _sink, Ct, "ann@acme.example", "bob@acme.example");
        await scene.ExecuteAsync("UPDATE campaigns SET status = 'paused' WHERE id = $1", Ct);
        await scene.ExecuteAsync("UPDATE campaign_leads SET lease_owner = gen_random_uuid(), lease_until = now() + interval '1 hour' WHERE campaign_id = $1", Ct);
        var answer = scene.ReceiveAsync((await scene.MailAsync("ann@acme.example", Ct)).Reply(), Ct);

        // It is kept once the lead is let go, not before.
        answer.IsCompleted.ShouldBeFalse();
        (await scene.InboxAsync(Ct)).ShouldBeEmpty();
        await scene.ExecuteAsync("UPDATE campaign_leads SET lease_owner = NULL, lease_until = NULL WHERE campaign_id = $1 AND lead_id = (SELECT id FROM leads WHERE email = 'ann@acme.example' AND tenant_id = campaign_leads.tenant_id)", Ct);
        await answer;
        (await scene.StateAsync("ann@acme.example", Ct)).ShouldBe("exited|replied|sent|active");

        // A host that died over a message: nobody renews its lease.
        await scene.ExecuteAsync("UPDATE campaign_leads SET lease_until = now() - interval '1 second' WHERE campaign_id = $1 AND lease_owner IS NOT NULL", Ct);
        var bob = await scene.MailAsync("bob@acme.example", Ct);
        await scene.ExecuteAsync("UPDATE content.email_messages SET status = 'sending' WHERE campaign_id = $1 AND to_address = 'bob@acme.example'", Ct);
        await scene.ReceiveAsync(bob.Reply(), Ct, uid: 2);
        (await scene.StateAsync("bob@acme.example", Ct)).ShouldBe("exited|replied|in_doubt|active");
        var message = (await scene.Campaign.MessagesAsync(Ct)).Single(row => row.Text("status") == "in_doubt");
        (await scene.Campaign.SettleAsync(message, "resend", Ct)).StatusCode.ShouldBe(System.Net.HttpStatusCode.Conflict);
        await (await scene.Campaign.SettleAsync(message, "skip", Ct)).ReadAsync(Ct);
        (await scene.StateAsync("bob@acme.example", Ct)).ShouldBe("exited|replied|skipped|active");
    }
}
