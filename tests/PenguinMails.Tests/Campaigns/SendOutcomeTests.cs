using System.Net;
using System.Net.Http.Json;
using PenguinMails.Host.Embedded.Mail;

namespace PenguinMails.Tests.Campaigns;

public sealed class SendOutcomeTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_recipient_put_off_is_tried_later_with_the_same_message()
    {
        await using var sink = new FaultySink { OnRecipient = () => new SmtpReply(450, "4.2.0 Greylisted") };
        var scene = await CampaignScene.LaunchAsync(host, sink, 1, Ct);

        var message = await scene.MessageAsync("queued", Ct);
        message.Text("error").ShouldBe("450 4.2.0 Greylisted");
        message.Number("attempts").ShouldBe(1);
        var enrollment = await scene.EnrollmentAsync(Ct);
        enrollment[0].ShouldBeOneOf("pending", "active");
        enrollment[2].ShouldBe("1");
        int.Parse(enrollment[3]).ShouldBeInRange(5 * 60 - 30, 6 * 60);
        (await scene.LeadStatusAsync(Ct)).ShouldBe("active");
        sink.Taken.ShouldBeEmpty();

        sink.OnRecipient = null;
        await MakeDueAsync(scene);
        var sent = await scene.MessageAsync("sent", Ct);
        sent.Id().ShouldBe(message.Id());
        sent.Number("attempts").ShouldBe(2);
        sink.Taken.Single().MessageId.ShouldBe(message.Text("messageId"));
        await scene.CompletedAsync(Ct);
    }

    [Fact]
    public async Task A_recipient_refused_for_good_bounces_and_is_suppressed()
    {
        await using var sink = new FaultySink { OnRecipient = () => new SmtpReply(550, "5.1.1 No such user") };
        var scene = await CampaignScene.DraftAsync(host, sink, 1, Ct, emails: 2);
        await scene.LaunchAsync(Ct);

        await scene.CompletedAsync(Ct);

        (await scene.MessageAsync("bounced", Ct)).Text("error").ShouldBe("550 5.1.1 No such user");
        (await scene.EnrollmentAsync(Ct))[..2].ShouldBe(["exited", "bounced"]);
        (await scene.LeadStatusAsync(Ct)).ShouldBe("bounced");
        (await host.QueryAsync("SELECT email, reason FROM suppressions WHERE tenant_id = $1", Ct, scene.Tenant.TenantId))
            .ShouldBe(["lead1@recipient.example|hard_bounce"]);
        sink.Taken.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_sender_refused_is_the_mailboxs_trouble_and_never_the_leads()
    {
        await using var sink = new FaultySink { OnSender = () => new SmtpReply(550, "5.7.1 Not you") };
        var scene = await CampaignScene.LaunchAsync(host, sink, 1, Ct);

        await scene.MessageAsync("queued", Ct);

        await IsUntouchedAsync(scene);
    }

    [Fact]
    public async Task A_server_that_is_away_leaves_the_message_queued_and_the_lead_untouched()
    {
        var sink = new FaultySink();
        var port = sink.Port;
        var scene = await CampaignScene.DraftAsync(host, sink, 1, Ct);
        await sink.DisposeAsync();
        await scene.LaunchAsync(Ct);

        var message = await scene.MessageAsync("queued", Ct);
        message["smtpResponse"].ShouldBeNull();
        message.Text("error").ShouldContain($"127.0.0.1:{port}");
        await IsUntouchedAsync(scene);

        await using var back = new FaultySink(port);
        await MakeDueAsync(scene);
        await scene.CompletedAsync(Ct);
        back.Taken.Single().MessageId.ShouldBe(message.Text("messageId"));
    }

    [Fact]
    public async Task A_connection_lost_before_the_text_is_tried_again()
    {
        await using var sink = new FaultySink { OnRecipient = () => SmtpReply.Drop };
        var scene = await CampaignScene.LaunchAsync(host, sink, 1, Ct);

        await scene.MessageAsync("queued", Ct);

        await IsUntouchedAsync(scene);
        sink.Taken.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_lost_in_or_after_the_text_leaves_it_in_doubt_and_it_is_never_resent_by_itself(bool afterFinalDot)
    {
        await using var sink = new FaultySink();
        sink.OnData = afterFinalDot ? null : () => SmtpReply.DropInBody;
        sink.OnMessage = afterFinalDot ? () => Task.FromResult(SmtpReply.Drop) : null;
        var scene = await CampaignScene.LaunchAsync(host, sink, 1, Ct);

        var message = await scene.MessageAsync("in_doubt", Ct);
        (await scene.EnrollmentAsync(Ct))[0].ShouldBe("paused");
        (await scene.LeadStatusAsync(Ct)).ShouldBe("active");
        message["sent"].ShouldBeNull();
        sink.Taken.Count.ShouldBe(afterFinalDot ? 1 : 0);

        // The dispatcher has gone over this tenant's work again, with a server that is well.
        (sink.OnData, sink.OnMessage) = (null, null);
        var mailbox = (await scene.Tenant.GetAsync("email-accounts", Ct))["items"]![0]!;
        var list = (await scene.Tenant.GetAsync("lead-lists", Ct))["items"]![0]!.Id();
        var later = await CampaignScene.DraftAsync(
            host, scene.Tenant, [mailbox], list, Ct, CampaignScene.Email(await scene.Tenant.ATemplateAsync(Ct, "Later")));
        await later.LaunchAsync(Ct);
        await later.CompletedAsync(Ct);

        (await scene.MessageAsync("in_doubt", Ct)).Number("attempts").ShouldBe(1);
        sink.Taken.Count(mail => mail.Subject != "Later").ShouldBe(afterFinalDot ? 1 : 0);
        (await scene.Tenant.GetAsync($"campaigns/{scene.Id}/messages?status=in_doubt", Ct))["items"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_message_in_doubt_is_resent_on_request_under_its_message_id()
    {
        await using var sink = new FaultySink { OnMessage = () => Task.FromResult(SmtpReply.Drop) };
        var scene = await CampaignScene.LaunchAsync(host, sink, 1, Ct);
        var message = await scene.MessageAsync("in_doubt", Ct);
        await scene.CompletedAsync(Ct);
        sink.OnMessage = null;

        (await (await scene.SettleAsync(message, "resend", Ct)).ReadAsync(Ct)).Text("status").ShouldBe("queued");

        var sent = await scene.MessageAsync("sent", Ct);
        sent.Number("attempts").ShouldBe(2);
        sink.Taken.Select(mail => mail.MessageId).ShouldBe([message.Text("messageId"), message.Text("messageId")]);
        await scene.CompletedAsync(Ct);
        await (await scene.SettleAsync(message, "resend", Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        await (await scene.SettleAsync(message, "skip", Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
    }

    [Fact]
    public async Task A_message_in_doubt_is_skipped_on_request_and_its_lead_gets_the_next_step()
    {
        await using var sink = new FaultySink { OnMessage = () => Task.FromResult(SmtpReply.Drop) };
        var scene = await CampaignScene.DraftAsync(host, sink, 1, Ct, emails: 2);
        await scene.LaunchAsync(Ct);
        var message = await scene.MessageAsync("in_doubt", Ct);
        sink.OnMessage = null;

        (await (await scene.SettleAsync(message, "skip", Ct)).ReadAsync(Ct)).Text("status").ShouldBe("skipped");

        await Given.EventuallyAsync(() => scene.MessagesAsync(Ct), messages => messages.Count == 2
            && messages.Any(one => one.Text("status") == "sent"), Ct);
        (await scene.MessagesAsync(Ct)).Select(one => one.Text("status")).ShouldBe(["sent", "skipped"], ignoreOrder: true);
        await scene.CompletedAsync(Ct);
        await (await scene.SettleAsync(message, "skip", Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        sink.Taken.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_mailbox_sends_no_more_than_its_day_allows_and_the_rest_wait_for_tomorrow()
    {
        var tenant = await host.ATenantAsync(Ct);
        var domain = await tenant.ADomainAsync(Ct);
        var mailbox = await tenant.PostAsync("email-accounts", new { DomainId = domain.Id(), Email = $"a@{domain["domain"]}", DailyLimit = 7 }, Ct);
        var scene = await CampaignScene.DraftAsync(
            host, tenant, [mailbox], await tenant.AListAsync(25, Ct), Ct, CampaignScene.Email(await tenant.ATemplateAsync(Ct)));
        await scene.LaunchAsync(Ct);

        await WaitsForTomorrowAsync(scene, "The mailbox has used its 7 sends of today.");
        await Given.EventuallyAsync(() => scene.StateAsync(Ct), state => state["progress"]!["messages"]!["sent"]?.GetValue<int>() == 7, Ct);
        (await scene.MessagesAsync(Ct)).Count.ShouldBe(7);
        host.Mail.Count(message => message.From.Mailboxes.Single().Address == mailbox.Text("email")).ShouldBe(7);
    }

    [Fact]
    public async Task A_follow_up_takes_the_last_send_of_the_day_before_a_new_lead()
    {
        var tenant = await host.ATenantAsync(Ct);
        var domain = await tenant.ADomainAsync(Ct);
        var mailbox = await tenant.PostAsync("email-accounts", new { DomainId = domain.Id(), Email = $"a@{domain["domain"]}", DailyLimit = 1 }, Ct);
        var step = CampaignScene.Email(await tenant.ATemplateAsync(Ct));
        var scene = await CampaignScene.DraftAsync(host, tenant, [mailbox], await tenant.AListAsync(20, Ct), Ct, step, step);
        await scene.LaunchAsync(Ct);
        await WaitsForTomorrowAsync(scene, "The mailbox has used its 1 sends of today.");

        // A new day begins, in which the new leads have waited longer.
        await host.QueryAsync("""
            WITH day AS (UPDATE email_accounts SET daily_count = 0 WHERE id = $2)
            UPDATE campaign_leads SET next_run = now() - CASE status WHEN 'pending' THEN interval '1 hour' ELSE interval '1 minute' END
            WHERE campaign_id = $1
            """, Ct, scene.Id, mailbox.Id());

        var messages = await Given.EventuallyAsync(() => scene.MessagesAsync(Ct), found => found.Count == 2, Ct);
        messages.Select(message => message.Text("toAddress")).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Of_many_who_settle_a_message_at_once_one_succeeds()
    {
        await using var sink = new FaultySink { OnMessage = () => Task.FromResult(SmtpReply.Drop) };
        var scene = await CampaignScene.LaunchAsync(host, sink, 1, Ct);
        var message = await scene.MessageAsync("in_doubt", Ct);
        await scene.CompletedAsync(Ct);
        // What is sent again must not be in doubt again: then a second request may settle it with right.
        sink.OnMessage = null;

        var answers = await Task.WhenAll(Enumerable.Range(0, 12)
            .Select(number => scene.SettleAsync(message, number % 2 == 0 ? "resend" : "skip", Ct)));

        answers.Select(answer => (int)answer.StatusCode).Where(status => status != 409).ShouldBe([200]);
    }

    [Fact]
    public async Task Only_a_message_of_the_campaign_is_settled_and_only_by_a_known_action()
    {
        var tenant = await host.ATenantAsync(Ct);
        var campaign = await tenant.PostAsync("campaigns", new { tenant.CompanyId, Name = "C" }, Ct);
        var path = $"campaigns/{campaign.Id()}/messages/{Guid.CreateVersion7()}";

        await (await tenant.Http.PostAsJsonAsync($"{path}/resend", new { }, Ct)).ProblemAsync(HttpStatusCode.NotFound, Ct);
        (await tenant.Http.PostAsJsonAsync($"{path}/forget", new { }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private async Task IsUntouchedAsync(CampaignScene scene)
    {
        var enrollment = await scene.EnrollmentAsync(Ct);
        enrollment[0].ShouldBeOneOf("pending", "active");
        int.Parse(enrollment[3]).ShouldBeGreaterThan(0);
        (await scene.LeadStatusAsync(Ct)).ShouldBe("active");
        (await host.QueryAsync("SELECT email FROM suppressions WHERE tenant_id = $1", Ct, scene.Tenant.TenantId)).ShouldBeEmpty();
    }

    private Task WaitsForTomorrowAsync(CampaignScene scene, string reason) => Given.EventuallyAsync(
        () => host.QueryAsync("SELECT waiting_for FROM campaigns WHERE id = $1", Ct, scene.Id), rows => rows.SequenceEqual([reason]), Ct);

    private Task MakeDueAsync(CampaignScene scene) =>
        host.QueryAsync("""
            WITH due AS (UPDATE campaign_leads SET next_run = now() WHERE campaign_id = $1)
            UPDATE campaigns SET next_dispatch = now() WHERE id = $1
            """, Ct, scene.Id);
}
