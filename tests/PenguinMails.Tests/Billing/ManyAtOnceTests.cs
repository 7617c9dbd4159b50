using System.Net;
using System.Net.Http.Json;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Billing.Contracts;
using PenguinMails.Tests.Campaigns;

namespace PenguinMails.Tests.Billing;

/// <summary>However many add at once, a limit holds to the last one, and nobody waits for a connection that another holds.</summary>
public sealed class ManyAtOnceTests(HostFixture host)
{
    private const int Many = 200;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Invitations()
    {
        var tenant = await host.ATenantOnAsync(Ct, ("max_users", 4));

        var answers = await AtOnceAsync(Many, number => tenant.Http.PostAsJsonAsync(
            "invitations", new { Email = $"a{number}@{tenant.TenantId:N}.test", Roles = new[] { "member" } }, Ct));

        // The owner is the fourth.
        await ShouldHoldAsync(answers, 3, "users", used: 4);
    }

    [Fact]
    public async Task Domains()
    {
        var tenant = await host.ATenantOnAsync(Ct, ("max_domains", 3));

        var answers = await AtOnceAsync(Many, number => tenant.Http.PostAsJsonAsync(
            "domains", new { tenant.CompanyId, Domain = $"d{number}-{tenant.TenantId:N}.test" }, Ct));

        await ShouldHoldAsync(answers, 3, "domains", used: 3);
    }

    [Fact]
    public async Task Mailboxes()
    {
        var tenant = await host.ATenantOnAsync(Ct, ("max_email_accounts", 3));
        var domain = await tenant.ADomainAsync(Ct);

        var answers = await AtOnceAsync(Many, number => tenant.Http.PostAsJsonAsync(
            "email-accounts", new { DomainId = domain.Id(), Email = $"a{number}@{domain["domain"]}" }, Ct));

        await ShouldHoldAsync(answers, 3, "email_accounts", used: 3);
    }

    [Fact]
    public async Task Leads_beside_an_import_that_has_some_of_them_in_hand()
    {
        var tenant = await host.ATenantOnAsync(Ct, ("max_contacts", 10));
        static string Address(int number) => $"a{number}@recipient.example";

        var importing = tenant.SendFileAsync("leads/import", System.Text.Encoding.UTF8.GetBytes($"email\n{string.Join('\n', Enumerable.Range(0, 8).Select(Address))}\n"), Ct);
        var answers = await AtOnceAsync(Many, number => tenant.Http.PostAsJsonAsync("leads", new { Email = Address(number) }, Ct));
        var import = await importing;

        var imported = import.StatusCode == HttpStatusCode.OK ? (await import.ReadAsync(Ct)).Number("imported") : 0;
        (answers.Count(answer => answer.StatusCode == HttpStatusCode.Created) + imported).ShouldBe(10);
        (await host.QueryAsync("SELECT count(*) FROM leads WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["10"]);
        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.Created || answer.StatusCode == HttpStatusCode.Conflict || answer.StatusCode == HttpStatusCode.UnprocessableEntity);
        await (await tenant.Http.PostAsJsonAsync("leads", new { Email = "one-more@recipient.example" }, Ct)).RefusalAsync("contacts", Ct);
    }

    [Fact]
    public async Task Launches()
    {
        var tenant = await host.ATenantOnAsync(Ct, ("max_campaigns_per_month", 3));
        var (mailbox, list, template) = (await tenant.AMailboxAsync(Ct), await tenant.AListAsync(1, Ct), await tenant.ATemplateAsync(Ct));
        var drafts = new List<CampaignScene>();
        for (var number = 0; number < 20; number++)
        {
            // Nothing of it is sent today.
            drafts.Add(await CampaignScene.DraftAsync(host, tenant, [mailbox], list, Ct,
                CampaignScene.WaitUntil(TimeProvider.System.GetUtcNow().AddDays(1)), CampaignScene.Email(template)));
        }

        // Each ten times: a campaign counts once.
        var answers = await AtOnceAsync(Many, number => tenant.Http.PostAsJsonAsync($"campaigns/{drafts[number % drafts.Count].Id}/launch", new { }, Ct));

        answers.Count(answer => answer.IsSuccessStatusCode).ShouldBe(3);
        (await host.QueryAsync("SELECT count(*) FROM campaigns WHERE tenant_id = $1 AND status = 'sending'", Ct, tenant.TenantId)).ShouldBe(["3"]);
        var refused = await answers.First(answer => answer.StatusCode == HttpStatusCode.UnprocessableEntity).RefusalAsync("campaigns_per_month", Ct);
        (refused.Number("used"), refused.Number("allowed")).ShouldBe((3, 3));
    }

    [Fact]
    public async Task Messages_that_hosts_are_about_to_send()
    {
        var tenant = await host.ATenantOnAsync(Ct, ("max_emails_per_month", 100));
        var reservations = await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => SendAsync(tenant, new ReserveEmails(3))));

        reservations.Sum(reservation => reservation.Granted).ShouldBe(100);
        (await tenant.UsageAsync("emails_per_month", Ct)).ShouldBe("0 of 100, 0 %");
        // Of each one was sent, so that the rest is free again.
        var granted = reservations.Where(reservation => reservation.Granted > 0).ToList();
        await Task.WhenAll(granted.Select(reservation => SettleAsync(tenant, new SettleEmails(reservation.Id, 1))));
        (await tenant.UsageAsync("emails_per_month", Ct)).ShouldBe($"{granted.Count} of 100, {granted.Count} %");
        (await SendAsync(tenant, new ReserveEmails(200))).Granted.ShouldBe(100 - granted.Count);
        // Whose host is gone.
        await host.QueryAsync("UPDATE usage_reservations SET expires = now() WHERE tenant_id = $1", Ct, tenant.TenantId);
        (await SendAsync(tenant, new ReserveEmails(200))).Granted.ShouldBe(100 - granted.Count);
    }

    [Fact]
    public async Task Campaigns_that_send_at_once_send_the_months_messages_together_and_no_more()
    {
        await using var sink = new FaultySink();
        var tenant = await host.ATenantOnAsync(Ct, ("max_emails_per_month", 7));
        var (list, template) = (await tenant.AListAsync(10, Ct), await tenant.ATemplateAsync(Ct));
        var campaigns = new List<CampaignScene>();
        for (var number = 0; number < 3; number++)
        {
            campaigns.Add(await CampaignScene.DraftAsync(host, tenant, [await tenant.AMailboxAtAsync(sink, Ct)], list, Ct, CampaignScene.Email(template)));
        }

        await Task.WhenAll(campaigns.Select(campaign => campaign.LaunchAsync(Ct)));
        await Given.EventuallyAsync(
            () => host.QueryAsync("SELECT count(*) FROM campaigns WHERE tenant_id = $1 AND waiting_for LIKE '%e-mails a month%'", Ct, tenant.TenantId),
            waiting => waiting is ["3"], Ct, seconds: 60);

        sink.Taken.Count.ShouldBe(7);
        (await tenant.UsageAsync("emails_per_month", Ct)).ShouldBe("7 of 7, 100 %");
    }

    private async Task<EmailReservation> SendAsync(TenantClient tenant, ReserveEmails request)
    {
        await using var scope = host.ScopeOf(tenant.TenantId);
        return await scope.ServiceProvider.GetRequiredService<ISender>().Send(request, Ct);
    }

    private async Task SettleAsync(TenantClient tenant, SettleEmails request)
    {
        await using var scope = host.ScopeOf(tenant.TenantId);
        await scope.ServiceProvider.GetRequiredService<ISender>().Send(request, Ct);
    }

    private static async Task<IReadOnlyList<HttpResponseMessage>> AtOnceAsync(int times, Func<int, Task<HttpResponseMessage>> add) =>
        await Task.WhenAll(Enumerable.Range(0, times).Select(add));

    private static async Task ShouldHoldAsync(IReadOnlyList<HttpResponseMessage> answers, int added, string limit, int used)
    {
        answers.Count(answer => answer.StatusCode == HttpStatusCode.Created).ShouldBe(added);
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
        {
            var refused = await answer.RefusalAsync(limit, Ct);
            (refused.Number("used"), refused.Number("allowed")).ShouldBe((used, used));
        }
    }
}
