using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MimeKit;
using PenguinMails.Host.Embedded.Mail;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Tests.Campaigns;

namespace PenguinMails.Tests.Infrastructure.Addresses;

/// <summary>Campaigns of mailboxes that send from the platform's addresses.</summary>
public sealed class AddressSendTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mail_leaves_by_the_domains_address_and_counts_for_it()
    {
        await using var own = new FaultySink();
        var loopback = DedicatedAddress.NextLoopback();
        // Where the platform's mail server takes mail at this address.
        await using var sink = new FaultySink(host.Services.GetRequiredService<IOptions<AddressOptions>>().Value.SubmissionPort, loopback);
        var scene = await CampaignScene.DraftAsync(host, own, 3, Ct);
        var mailbox = await MailboxAsync(scene.Tenant);
        await host.AMailboxOfOursAsync(scene.Tenant, Ct, mailbox);
        var address = await host.AnAddressAsync(scene.Tenant, "available", Ct, loopback);

        await scene.LaunchAsync(Ct);
        await scene.CompletedAsync(Ct);

        sink.Taken.Count.ShouldBe(3);
        own.Taken.ShouldBeEmpty();
        (await host.QueryAsync("SELECT DISTINCT smtp_ip_address_id FROM content.email_messages WHERE campaign_id = $1", Ct, scene.Id))
            .ShouldBe([address.ToString()]);
        (await Given.EventuallyAsync(
            () => host.QueryAsync("SELECT status FROM smtp_ip_addresses WHERE id = $1 AND warming_started IS NOT NULL", Ct, address),
            rows => rows is ["warming"], Ct)).ShouldHaveSingleItem();
        (await host.QueryAsync("SELECT provider, reserved, sent FROM smtp_ip_daily WHERE smtp_ip_address_id = $1 ORDER BY provider", Ct, address))
            .ShouldBe(["*|3|3", "other|3|3"]);
        (await host.QueryAsync("SELECT sent, bounced FROM warmup_log WHERE email_account_id = $1", Ct, mailbox.Id())).ShouldBe(["3|0"]);
        var shown = (await scene.Tenant.GetAsync($"domains/{mailbox["domainId"]}/address", Ct))["addresses"]!.AsArray().ShouldHaveSingleItem()!;
        shown.Text("ipAddress").ShouldBe(loopback.ToString());
        shown.Text("status").ShouldBe("warming");
        shown.Text("warmupState").ShouldBe("warming");
        shown.Number("warmupDay").ShouldBe(1);
        shown["lastSent"].ShouldNotBeNull();
    }

    [Fact]
    public async Task A_refused_recipient_counts_as_sent_and_bounced()
    {
        await using var own = new FaultySink();
        var loopback = DedicatedAddress.NextLoopback();
        await using var sink = new FaultySink(host.Services.GetRequiredService<IOptions<AddressOptions>>().Value.SubmissionPort, loopback)
        {
            OnRecipient = () => new SmtpReply(550, "5.1.1 No such user"),
        };
        var scene = await CampaignScene.DraftAsync(host, own, 2, Ct);
        await host.AMailboxOfOursAsync(scene.Tenant, Ct, await MailboxAsync(scene.Tenant));
        var address = await host.AnAddressAsync(scene.Tenant, "warmed", Ct, loopback);

        await scene.LaunchAsync(Ct);

        (await Given.EventuallyAsync(
            () => host.QueryAsync("SELECT sent, bounced FROM smtp_ip_daily WHERE smtp_ip_address_id = $1 AND provider = '*'", Ct, address),
            rows => rows is ["2|2"], Ct)).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("tls")]
    public async Task To_an_address_that_offers_no_tls_nothing_is_sent_in_clear(string security)
    {
        var loopback = DedicatedAddress.NextLoopback();
        await using var sink = new FaultySink(host.Services.GetRequiredService<IOptions<AddressOptions>>().Value.SubmissionPort, loopback);
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await host.AMailboxOfOursAsync(tenant, Ct);
        var address = await host.AnAddressAsync(tenant, "warmed", Ct, loopback);
        await host.QueryAsync(
            "UPDATE email_accounts SET smtp_settings = jsonb_build_object('host', 'localhost', 'port', 465, 'security', $2) WHERE id = $1",
            Ct, mailbox.Id(), security);
        var message = new MimeMessage(
            [MailboxAddress.Parse(mailbox.Text("email"))], [MailboxAddress.Parse("b@example.test")], "Hello", new TextPart("plain") { Text = "Hello" });
        await using var scope = host.ScopeOf(tenant.TenantId);

        var outcome = await scope.ServiceProvider.GetRequiredService<ISender>().Send(new SendMail(mailbox.Id(), message, address), Ct);

        outcome.Result.ShouldBe(SendResult.Unreachable);
        outcome.Reply.ShouldContain("STARTTLS");
        sink.Taken.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_an_address_mail_waits_and_says_why()
    {
        await using var own = new FaultySink();
        var scene = await CampaignScene.DraftAsync(host, own, 1, Ct);
        await host.AMailboxOfOursAsync(scene.Tenant, Ct, await MailboxAsync(scene.Tenant));
        // Its own is out of use, and it has no part in the others'.
        await host.AnAddressAsync(scene.Tenant, "quarantined", Ct);

        await scene.LaunchAsync(Ct);

        (await Given.EventuallyAsync(
            () => host.QueryAsync("SELECT last_error FROM campaign_leads WHERE campaign_id = $1", Ct, scene.Id),
            rows => rows is ["The domain waits for an address to send from: none is free."], Ct)).ShouldHaveSingleItem();
        own.Taken.ShouldBeEmpty();
        var domain = (await MailboxAsync(scene.Tenant))["domainId"];
        (await scene.Tenant.GetAsync($"domains/{domain}/address", Ct))["isWaiting"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task However_many_ask_at_once_both_the_mailbox_and_its_address_keep_their_limits()
    {
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await host.AMailboxOfOursAsync(tenant, Ct);
        var address = await host.AnAddressAsync(tenant, "warming", Ct, days: 1);
        string[] recipients = ["gmail.com", "a.example", "gmail.com", "b.example"];

        var turns = (await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ReserveAsync(tenant, mailbox.Id(), recipients)))).SelectMany(all => all).ToList();

        turns.Count(turn => turn.Granted).ShouldBe(50);
        turns.Where(turn => turn.Granted).ShouldAllBe(turn => turn.SmtpIpAddressId == address);
        turns.Where(turn => !turn.Granted).ShouldAllBe(turn => turn.RetryAt!.Value.TimeOfDay == TimeSpan.Zero && turn.Reason!.Contains("addresses"));
        (await host.QueryAsync("SELECT daily_count FROM email_accounts WHERE id = $1", Ct, mailbox.Id())).ShouldBe(["50"]);
        (await host.QueryAsync("SELECT provider, reserved FROM smtp_ip_daily WHERE smtp_ip_address_id = $1 ORDER BY provider", Ct, address))
            .ShouldBe(["*|50", "google|25", "other|25"]);
    }

    [Fact]
    public async Task A_young_mailbox_sends_no_more_than_its_ramp_allows()
    {
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAsync(Ct);
        await host.QueryAsync("UPDATE email_accounts SET ramp_started = now() - interval '8 days' WHERE id = $1", Ct, mailbox.Id());

        var turns = await ReserveAsync(tenant, mailbox.Id(), [.. Enumerable.Repeat("a.example", 40)]);

        turns.Count(turn => turn.Granted).ShouldBe(20);
        turns[20].Reason.ShouldBe("The mailbox has used its 20 sends of today.");
    }

    [Fact]
    public async Task What_came_of_mail_is_counted_once_a_batch_for_the_own_tenants_mailboxes_alone()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var (mailbox, others) = (await tenant.AMailboxAsync(Ct), await other.AMailboxAsync(Ct));
        var address = await host.AnAddressAsync(tenant, "warmed", Ct);
        await using var scope = host.ScopeOf(tenant.TenantId);
        var modules = scope.ServiceProvider.GetRequiredService<ISender>();

        foreach (var kind in Enum.GetValues<DeliveryKind>())
        {
            await modules.Send(new RecordDeliveries(
            [
                new(mailbox.Id(), address, "gmail.com", kind, 2), new(mailbox.Id(), address, "a.example", kind), new(mailbox.Id(), null, "a.example", kind),
                new(others.Id(), null, "a.example", kind),
            ]), Ct);
        }

        (await host.QueryAsync("SELECT sent, bounced, complained, opened, clicked, replied FROM warmup_log WHERE email_account_id = $1", Ct, mailbox.Id()))
            .ShouldBe(["4|4|4|4|4|4"]);
        (await host.QueryAsync("SELECT count(*) FROM warmup_log WHERE email_account_id = $1", Ct, others.Id())).ShouldBe(["0"]);
        (await host.QueryAsync(
            "SELECT provider, sent, deferred, bounced, complained, opened, clicked FROM smtp_ip_daily WHERE smtp_ip_address_id = $1 ORDER BY provider", Ct, address))
            .ShouldBe(["*|3|3|3|3|3|3", "google|2|2|2|2|2|2", "other|1|1|1|1|1|1"]);
    }

    private async Task<IReadOnlyList<SendTurn>> ReserveAsync(TenantClient tenant, Guid mailbox, IReadOnlyList<string> recipients)
    {
        await using var scope = host.ScopeOf(tenant.TenantId);
        return await scope.ServiceProvider.GetRequiredService<ISender>().Send(new ReserveSend(mailbox, 0, recipients), Ct);
    }

    private static async Task<System.Text.Json.Nodes.JsonNode> MailboxAsync(TenantClient tenant) =>
        (await tenant.GetAsync("email-accounts", Ct))["items"]!.AsArray().Single()!;
}
