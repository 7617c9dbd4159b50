using System.Net.Http.Json;

namespace PenguinMails.Tests.Infrastructure.Inbound;

public sealed class MailboxReaderTests(HostFixture host)
{
    private const string Lease = "SELECT lease_owner IS NOT NULL, failures, coalesce(error, '') FROM mailbox_readers";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static IEnumerable<string> Numbers(int count) => Enumerable.Range(1, count).Select(number => $"{number}");

    [Fact]
    public async Task What_comes_after_the_mailbox_was_added_is_taken_in_order_and_left_unread_also_where_uids_begin_anew()
    {
        await using var scene = await ReaderScene.StartAsync(
            host, Ct, ReaderScene.Messages(-2, 2), "--Inbound:PollSeconds=1", "--Inbound:IdleConnections=0", "--Inbound:MaxMessageMegabytes=1");
        await scene.ReadAsync(Ct);
        await scene.Dovecot.DeliverAsync(ReaderScene.User, Ct, ReaderScene.Messages(1, 5));

        (await scene.TakenAsync(5, Ct)).ShouldBe(Numbers(5));
        (await scene.Dovecot.UnseenAsync(ReaderScene.User, Ct)).ShouldBe(7);
        var validity = (await scene.RowsAsync("SELECT uid_validity FROM mailbox_readers", Ct)).Single();

        // The mail that was there before the mailbox is a day old at most: it is seen now, and what was taken is not taken again.
        scene.Dovecot.Renumber(ReaderScene.User);
        await scene.Dovecot.DeliverAsync(ReaderScene.User, Ct, ReaderScene.Message("6"));
        var all = await Given.EventuallyAsync(() => scene.TakenAsync(5, Ct), rows => rows.Contains("6"), Ct);
        (await scene.RowsAsync("SELECT uid_validity FROM mailbox_readers", Ct)).Single().ShouldNotBe(validity);
        all.Where(text => !text.StartsWith('-')).ShouldBe(Numbers(6));

        // Of what is too large the beginning is kept.
        await scene.Dovecot.DeliverAsync(ReaderScene.User, Ct, ReaderScene.Message("7\n" + string.Concat(Enumerable.Repeat("Many words.\n", 200_000))), ReaderScene.Message("8"));
        (await Given.EventuallyAsync(() => scene.TakenAsync(7, Ct), rows => rows.Contains("8"), Ct)).Count(text => text.StartsWith("7\n", StringComparison.Ordinal)).ShouldBe(1);
        (await scene.RowsAsync("SELECT max(size) FROM content.inbox_messages", Ct)).ShouldBe([$"{256 * 1024}"]);
    }

    [Fact]
    public async Task A_server_that_tells_of_new_mail_is_listened_to_and_a_change_of_settings_is_heard()
    {
        await using var scene = await ReaderScene.StartAsync(host, Ct, [], "--Inbound:PollSeconds=3600");
        await scene.ReadAsync(Ct);

        await scene.Dovecot.DeliverAsync(ReaderScene.User, Ct, ReaderScene.Message("1"));
        (await scene.TakenAsync(1, Ct)).ShouldBe(["1"]);
        await scene.Dovecot.DeliverAsync(ReaderScene.User, Ct, ReaderScene.Messages(2, 3));
        (await scene.TakenAsync(4, Ct)).ShouldBe(Numbers(4));
        (await scene.RowsAsync(Lease, Ct)).ShouldBe(["True|0|"]);

        await scene.Dovecot.SetUserAsync("other@example.test", "other-password-1", Ct);
        await (await scene.Tenant.Http.PatchAsJsonAsync(
            $"email-accounts/{scene.MailboxId}", new { Imap = scene.ImapOf("other@example.test", "other-password-1") }, Ct)).ReadAsync(Ct);
        await scene.Dovecot.DeliverAsync("other@example.test", Ct, ReaderScene.Message("5"));
        (await scene.TakenAsync(5, Ct)).ShouldBe(Numbers(5));

        await (await scene.Tenant.Http.PatchAsJsonAsync($"email-accounts/{scene.MailboxId}", new { RemoveImap = true }, Ct)).ReadAsync(Ct);
        await Given.EventuallyAsync(() => scene.RowsAsync(Lease, Ct), rows => rows.Count == 0, Ct);
    }

    [Fact]
    public async Task Two_hosts_fetch_each_message_once_and_when_one_is_killed_the_other_goes_on()
    {
        string[] options = ["--Inbound:PollSeconds=1"];
        await using var scene = await ReaderScene.StartAsync(host, Ct, [], [.. options, "--Inbound:IdleConnections=0"]);
        var second = await scene.AHostAsync(Ct, [.. options, "--Inbound:IdleConnections=0"]);
        await scene.ReadAsync(Ct);

        for (var round = 0; round < 4; round++)
        {
            await scene.Dovecot.DeliverAsync(ReaderScene.User, Ct, ReaderScene.Messages(1 + round * 10, 10));
            await scene.TakenAsync((round + 1) * 10, Ct);
        }

        (await scene.TakenAsync(40, Ct)).ShouldBe(Numbers(40));
        (await Given.EventuallyAsync(() => scene.Dovecot.FetchedAsync(Ct), fetched => fetched >= 40, Ct)).ShouldBe(40);

        // One listens: it has the mailbox in its hands when it is killed.
        await second.StopAsync("TERM", Ct);
        var third = await scene.AHostAsync(Ct, options);
        await Given.EventuallyAsync(() => scene.RowsAsync("SELECT lease_until > now() + interval '1 second' FROM mailbox_readers WHERE lease_owner IS NOT NULL", Ct), rows => rows is ["True"], Ct);
        await scene.Dovecot.DeliverAsync(ReaderScene.User, Ct, ReaderScene.Messages(41, 30));
        third.Kill();
        await third.EndedAsync(Ct);
        (await scene.TakenAsync(70, Ct)).ShouldBe(Numbers(70));
    }

    [Fact]
    public async Task A_message_that_can_never_be_taken_keeps_none_that_came_after_it()
    {
        await using var scene = await ReaderScene.StartAsync(host, Ct, [], "--Inbound:PollSeconds=1", "--Inbound:IdleConnections=0", "--Inbound:FailuresUntilPassedBy=2");
        await scene.ReadAsync(Ct);
        await scene.RowsAsync("ALTER TABLE content.inbox_messages ADD CONSTRAINT poison CHECK (text <> '2')", Ct);

        await scene.Dovecot.DeliverAsync(ReaderScene.User, Ct, ReaderScene.Messages(1, 3));

        (await scene.TakenAsync(2, Ct)).ShouldBe(["1", "3"]);
        (await Given.EventuallyAsync(() => scene.RowsAsync("SELECT failures, stuck, last_read IS NOT NULL FROM mailbox_readers", Ct), rows => rows is ["0|0|True"], Ct)).ShouldNotBeEmpty();
        var notice = (await scene.Tenant.GetAsync("notifications", Ct))["items"]!.AsArray().Single()!;
        notice.Text("title").ShouldBe("A message could not be taken");
    }

    [Fact]
    public async Task A_mailbox_that_cannot_be_read_says_why_and_its_tenant_hears_of_it_until_it_can()
    {
        await using var scene = await ReaderScene.StartAsync(host, Ct, [], "--Inbound:PollSeconds=1", "--Inbound:IdleConnections=0", "--Inbound:FailuresUntilNotice=2");
        await scene.ReadAsync(Ct);
        await scene.SetPasswordAsync(false, Ct);

        var mailbox = await Given.EventuallyAsync(() => scene.MailboxAsync(Ct), found => found["readError"] is not null, Ct);
        mailbox.Text("readError").ShouldContain("refused the user name or the password");
        mailbox.Text("status").ShouldBe("active");
        const string Open = "SELECT title, is_resolved FROM system_notifications WHERE dedup_key LIKE 'mailbox:%:inbound:%'";
        await Given.EventuallyAsync(async () => string.Join(' ', await scene.RowsAsync(Open, Ct)), rows => rows == "Replies cannot be read|False", Ct);

        await scene.SetPasswordAsync(true, Ct);
        await scene.Dovecot.DeliverAsync(ReaderScene.User, Ct, ReaderScene.Message("1"));
        // The next attempt may be an hour away: who mends it need not wait.
        await scene.RowsAsync("UPDATE mailbox_readers SET next_read = now() + interval '1 hour'", Ct);
        await (await scene.Tenant.Http.PatchAsJsonAsync(
            $"email-accounts/{scene.MailboxId}", new { Imap = scene.ImapOf(ReaderScene.User, ReaderScene.Password) }, Ct)).ReadAsync(Ct);
        (await scene.TakenAsync(1, Ct)).ShouldBe(["1"]);
        await Given.EventuallyAsync(async () => string.Join(' ', await scene.RowsAsync(Open, Ct)), rows => rows == "Replies cannot be read|True", Ct);
        (await Given.EventuallyAsync(() => scene.MailboxAsync(Ct), found => found["readError"] is null, Ct)).Text("status").ShouldBe("active");
    }
}
