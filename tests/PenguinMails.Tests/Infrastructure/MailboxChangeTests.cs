using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using PenguinMails.Infrastructure;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Mail;
using PenguinMails.Shared;
using PenguinMails.Tests.Campaigns;
using PenguinMails.Tests.Infrastructure.Servers;
using PenguinMails.Tests.Processes;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>Mailboxes are changed, looked for, suspended and deleted.</summary>
public sealed class MailboxChangeTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_given_is_changed_and_the_rest_stays()
    {
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAsync(Ct);

        var changed = await PatchAsync(tenant, mailbox, new { DailyLimit = 7 });
        $"{changed["displayName"]} {changed["dailyLimit"]} {changed["minGapSeconds"]} {changed["cap"]}".ShouldBe("Someone 7 120 7");
        changed = await PatchAsync(tenant, mailbox, new { DisplayName = "", MinGapSeconds = 5 });
        $"{changed["displayName"]} {changed["dailyLimit"]} {changed["minGapSeconds"]}".ShouldBe(" 7 5");
    }

    [Theory]
    [InlineData("{}", 400, "displayName")]
    [InlineData("{ \"dailyLimit\": 0 }", 400, "dailyLimit")]
    [InlineData("{ \"displayName\": \"a\\nb\" }", 400, "displayName")]
    [InlineData("{ \"smtp\": { \"host\": \"localhost\", \"port\": 25, \"username\": \"x\" } }", 400, "smtp.password")]
    [InlineData("{ \"imap\": { \"host\": \"localhost\", \"port\": 993 } }", 400, "imap.password")]
    [InlineData("{ \"imap\": { \"host\": \"localhost\", \"port\": 993, \"password\": \"x\" }, \"removeImap\": true }", 400, "removeImap")]
    [InlineData("{ \"rotatePassword\": true }", 422, "rotatePassword")]
    public async Task Bad_changes_are_refused_by_their_field(string body, int status, string field)
    {
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAsync(Ct);

        var answer = await tenant.Http.PatchAsJsonAsync($"email-accounts/{mailbox.Id()}", JsonNode.Parse(body), Ct);

        (await answer.ProblemAsync((HttpStatusCode)status, Ct)).Fields().ShouldBe([field]);
    }

    [Fact]
    public async Task Servers_that_do_not_let_us_in_do_not_replace_those_that_do()
    {
        await using var sink = new FaultySink();
        await using var imap = MailDouble.Imap("NO");
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAtAsync(sink, Ct);
        var before = await tenant.GetAsync($"email-accounts/{mailbox.Id()}", Ct);
        (object Change, string Field)[] attempts =
        [
            (new { Smtp = new { Host = "localhost", sink.Port, Username = "someone", Password = "another", Security = "none" } }, "smtp.password"),
            (new { Imap = new { Host = "localhost", imap.Port, Password = "another", Security = "none" } }, "imap.password"),
        ];

        foreach (var (change, field) in attempts)
        {
            var answer = await tenant.Http.PatchAsJsonAsync($"email-accounts/{mailbox.Id()}", change, Ct);
            (await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe([field]);
        }

        (await tenant.GetAsync($"email-accounts/{mailbox.Id()}", Ct)).ToJsonString().ShouldBe(before.ToJsonString());
        (await tenant.PostAsync($"email-accounts/{mailbox.Id()}/test", new { }, Ct))["ok"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task Imap_comes_and_goes_with_its_password()
    {
        await using var sink = new FaultySink();
        await using var imap = MailDouble.Imap();
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAtAsync(sink, Ct);
        mailbox["imap"].ShouldBeNull();

        var changed = await PatchAsync(tenant, mailbox, new { Imap = new { Host = "localhost", imap.Port, Username = "u", Dovecot.Password, Security = "none" } });
        changed["imap"]!.Text("username").ShouldBe("u");
        (await SecretsAsync(tenant)).ShouldBe([$"imap/{tenant.TenantId}/{mailbox.Id()}", $"smtp/{tenant.TenantId}/{mailbox.Id()}"]);
        (await PatchAsync(tenant, mailbox, new { RemoveImap = true }))["imap"].ShouldBeNull();
        (await SecretsAsync(tenant)).ShouldBe([$"smtp/{tenant.TenantId}/{mailbox.Id()}"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_message_goes_over_a_connection_of_the_old_settings(bool changedOnAnotherHost)
    {
        await using var before = new FaultySink();
        await using var after = new FaultySink();
        await using var other = changedOnAnotherHost ? await HostProcess.BesideAsync(host, Ct) : null;
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAtAsync(before, Ct);
        await SendAsync(tenant, mailbox);
        await SendAsync(tenant, mailbox);
        before.Taken.Count.ShouldBe(2);

        await PatchAsync(other?.For(tenant) ?? tenant, mailbox, new { Smtp = after.Settings });

        // Another host hears of it within moments.
        await Given.EventuallyAsync(async () =>
        {
            await SendAsync(tenant, mailbox);
            return after.Taken.Count;
        }, taken => taken > 0, Ct);
        var taken = before.Taken.Count;
        await SendAsync(tenant, mailbox);
        before.Taken.Count.ShouldBe(taken);
        (changedOnAnotherHost || taken == 2).ShouldBeTrue();
    }

    [Fact]
    public async Task A_mailbox_that_a_campaign_needs_stays_until_that_is_completed()
    {
        await using var sink = new FaultySink();
        var scene = await CampaignScene.DraftAsync(host, sink, 1, Ct);
        var tenant = scene.Tenant;
        var mailbox = (await tenant.GetAsync("email-accounts", Ct))["items"]![0]!;
        var path = $"email-accounts/{mailbox.Id()}";

        (await (await tenant.Http.DeleteAsync(path, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct)).Text("title").ShouldContain(": C.");
        (await tenant.GetAsync(path, Ct)).Text("status").ShouldBe("active");
        await scene.LaunchAsync(Ct);
        await scene.CompletedAsync(Ct);
        await host.QueryAsync("UPDATE campaign_sequence_steps SET email_account_id = $2 WHERE campaign_id = $1", Ct, scene.Id, mailbox.Id());
        (await tenant.Http.DeleteAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await tenant.Http.GetAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await SecretsAsync(tenant)).ShouldBeEmpty();
        (await scene.MessagesAsync(Ct)).Single().Text("status").ShouldBe("sent");
        (await scene.StateAsync(Ct)).Text("status").ShouldBe("completed");
    }

    [Fact]
    public async Task Mailboxes_are_found_by_status_domain_and_the_beginning_of_the_address()
    {
        var tenant = await host.ATenantAsync(Ct);
        var (first, second) = (await tenant.ADomainAsync(Ct), await tenant.ADomainAsync(Ct));
        foreach (var (domain, name) in new[] { (first, "ann"), (first, "a_n"), (second, "anna"), (second, "bob") })
        {
            await tenant.PostAsync("email-accounts", new { DomainId = domain.Id(), Email = $"{name}@{domain["domain"]}" }, Ct);
        }

        var bob = (await FoundAsync("search=bob")).Single();
        await tenant.PostAsync($"email-accounts/{bob.Id()}/pause", new { }, Ct);

        (await NamesAsync("")).ShouldBe(["bob", "anna", "a_n", "ann"]);
        (await NamesAsync("search=AN")).ShouldBe(["anna", "ann"]);
        (await NamesAsync("search=a_")).ShouldBe(["a_n"]);
        (await NamesAsync("search=a%25")).ShouldBeEmpty();
        (await NamesAsync("status=paused")).ShouldBe(["bob"]);
        (await NamesAsync($"status=active&domainId={second.Id()}")).ShouldBe(["anna"]);
        (await (await tenant.Http.GetAsync("email-accounts?status=asleep", Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["status"]);

        async Task<IEnumerable<JsonNode>> FoundAsync(string query) => (await tenant.GetAsync($"email-accounts?{query}", Ct))["items"]!.AsArray().Select(item => item!);
        async Task<IEnumerable<string>> NamesAsync(string query) => (await FoundAsync(query)).Select(item => item.Text("email").Split('@')[0]);
    }

    [Fact]
    public async Task What_was_sent_today_is_shown_until_the_day_is_over()
    {
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAsync(Ct);
        await using (var scope = host.ScopeOf(tenant.TenantId))
        {
            await scope.ServiceProvider.GetRequiredService<ISender>().Send(new ReserveSend(mailbox.Id(), 0, ["a.example", "b.example", "c.example"]), Ct);
        }

        (await tenant.GetAsync($"email-accounts/{mailbox.Id()}", Ct))["sentToday"]!.GetValue<int>().ShouldBe(3);
        await host.QueryAsync("UPDATE email_accounts SET daily_count_date = daily_count_date - 1 WHERE id = $1", Ct, mailbox.Id());
        (await tenant.GetAsync($"email-accounts/{mailbox.Id()}", Ct))["sentToday"]!.GetValue<int>().ShouldBe(0);
    }

    [Fact]
    public async Task What_staff_suspend_only_staff_restore_and_the_tenant_is_told_both()
    {
        var (tenant, staff) = (await host.ATenantAsync(Ct), await host.AStaffMemberAsync(role: 2, Ct));
        var mailbox = await tenant.AMailboxAsync(Ct);
        var (path, staffPath) = ($"email-accounts/{mailbox.Id()}", $"staff/email-accounts/{mailbox.Id()}");

        (await staff.Http.PostAsJsonAsync($"{staffPath}/suspend", new { Reason = "Complaints" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var suspended = await tenant.GetAsync(path, Ct);
        $"{suspended["status"]} {suspended["statusReason"]}".ShouldBe("suspended Complaints");
        await (await staff.Http.PostAsJsonAsync($"{staffPath}/suspend", new { Reason = "Again" }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await (await tenant.Http.PostAsJsonAsync($"{path}/resume", new { }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct)).Text("title").ShouldContain("staff");
        (await staff.Http.PostAsJsonAsync($"{staffPath}/restore", new { Reason = "Explained" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await tenant.GetAsync(path, Ct)).Text("status").ShouldBe("active");
        (await tenant.GetAsync("notifications", Ct))["items"]!.AsArray().Select(item => item!.Text("message"))
            .ShouldBe([$"{mailbox["email"]} was restored by PenguinMails: Explained", $"{mailbox["email"]} was suspended by PenguinMails: Complaints"]);
        (await host.QueryAsync("SELECT action, reason FROM audit_log WHERE resource_id = $1 AND action LIKE 'email_accounts.%' ORDER BY created", Ct, $"{mailbox.Id()}"))
            .ShouldBe(["email_accounts.suspend|Complaints", "email_accounts.restore|Explained"]);
        await (await staff.Http.PostAsJsonAsync($"staff/email-accounts/{Guid.CreateVersion7()}/suspend", new { Reason = "x" }, Ct))
            .ProblemAsync(HttpStatusCode.NotFound, Ct);
    }

    [Fact]
    public async Task However_many_are_added_at_once_the_plans_number_of_mailboxes_holds()
    {
        var tenant = await host.ATenantAsync(Ct);
        var domain = await tenant.ADomainAsync(Ct);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(number =>
            tenant.Http.PostAsJsonAsync("email-accounts", new { DomainId = domain.Id(), Email = $"a{number}@{domain["domain"]}" }, Ct)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Created).ShouldBe(15);
        (await answers.First(answer => answer.StatusCode != HttpStatusCode.Created).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["email"]);
    }

    [Fact]
    public async Task A_connection_with_settings_that_changed_before_it_was_opened_carries_one_message_alone()
    {
        await using var sink = new FaultySink();
        var (connections, changes, id) = (host.Services.GetRequiredService<SmtpConnections>(), host.Services.GetRequiredService<ChangeFeed>(), Guid.CreateVersion7());
        var readAt = changes.Now;
        await changes.TellAsync(id);

        using var slot = await connections.TakeSlotAsync(id, null, readAt, Ct);
        var (connection, _) = await host.Services.GetRequiredService<SmtpConnector>()
            .ConnectAsync(new SmtpSettings("127.0.0.1", sink.Port, null, MailSecurity.None), null, Ct);
        await slot.GiveBackAsync(connection!);

        (await slot.TakeIdleAsync(Ct)).ShouldBeNull();
    }

    private async Task SendAsync(TenantClient tenant, JsonNode mailbox)
    {
        await using var scope = host.ScopeOf(tenant.TenantId);
        var message = new MimeMessage(
            [MailboxAddress.Parse(mailbox.Text("email"))], [MailboxAddress.Parse("b@example.test")], "Hello", new TextPart("plain") { Text = "Hello" });
        (await scope.ServiceProvider.GetRequiredService<ISender>().Send(new SendMail(mailbox.Id(), message), Ct)).Result.ShouldBe(SendResult.Accepted);
    }

    private static async Task<JsonNode> PatchAsync(TenantClient tenant, JsonNode mailbox, object change) =>
        await (await tenant.Http.PatchAsJsonAsync($"email-accounts/{mailbox.Id()}", change, Ct)).ReadAsync(Ct);

    private Task<IReadOnlyList<string>> SecretsAsync(TenantClient tenant) =>
        host.QueryAsync("SELECT path FROM secrets WHERE tenant_id = $1 AND path NOT LIKE 'mail/dkim/%' ORDER BY path", Ct, tenant.TenantId);
}
