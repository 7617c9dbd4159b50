using System.Net;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using Npgsql;
using PenguinMails.Billing.Contracts;
using PenguinMails.Billing.Jobs;
using PenguinMails.Campaigns.Features.Templates;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Billing;

/// <summary>What a tenant sees of how much it uses, and when it is told.</summary>
public sealed class UsageTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_limit_of_the_plan_is_there_once()
    {
        var tenant = await host.ATenantAsync(Ct);

        var usage = await tenant.GetAsync("usage", Ct);

        (usage.Text("period"), usage.Text("plan")).ShouldBe(($"{TimeProvider.System.GetUtcNow():yyyy-MM}", "starter"));
        usage["metrics"]!.AsArray().Select(item => $"{item!["metric"]} {item["used"]}/{item["allowed"]}").ShouldBe(
        [
            "users 1/2", "domains 0/5", "campaigns_per_month 0/20", "email_accounts 0/15", "emails_per_month 0/10000", "warmups 0/15",
            "contacts 0/10000", "storage 0/5000000000",
        ]);
    }

    [Fact]
    public async Task Of_an_earlier_month_there_is_what_is_counted_by_month()
    {
        var tenant = await host.ATenantAsync(Ct);
        await host.QueryAsync(
            "INSERT INTO usage_counters (tenant_id, metric, period_start, used) VALUES ($1, 'emails', '2026-01-01', 2500), ($1, 'emails', '2026-02-01', 7)",
            Ct, tenant.TenantId);

        var january = await tenant.GetAsync("usage?period=2026-01", Ct);

        january["metrics"]!.AsArray().Select(item => $"{item!["metric"]} {item["used"]} {item["percent"]}")
            .ShouldBe(["campaigns_per_month 0 0", "emails_per_month 2500 25"]);
    }

    [Theory]
    [InlineData("2026-13")]
    [InlineData("2026")]
    [InlineData("2999-01")]
    [InlineData("0001-01")]
    public async Task A_period_is_a_month_that_has_begun(string period)
    {
        var tenant = await host.ATenantAsync(Ct);

        var answer = await tenant.Http.GetAsync($"usage?period={period}", Ct);

        (await answer.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["period"]);
    }

    [Fact]
    public async Task What_was_sent_is_of_the_month_and_nothing_stays_reserved_whatever_fails()
    {
        await using var database = new ScratchDatabase(host);
        await database.CopyAsync(Ct);
        await using var platform = BillingPlatform.Over(host, database);
        var tenant = await platform.ATenantAsync(Ct);
        await using var scope = platform.ScopeOf(tenant);
        var services = scope.ServiceProvider;
        // Neither a mailbox's turn nor its reputation can be had.
        await platform.RowsAsync("ALTER TABLE email_accounts RENAME TO away", Ct);

        await Should.ThrowAsync<PostgresException>(services.GetRequiredService<TestDelivery>().SendAsync(Guid.CreateVersion7(), "a@b.test", new MimeMessage(), Ct));
        (await CountedAsync()).ShouldBe(["0|0"]);

        var reserved = await services.GetRequiredService<ISender>().Send(new ReserveEmails(5), Ct);
        (await CountedAsync()).ShouldBe(["0|5"]);
        await Should.ThrowAsync<PostgresException>(services.GetRequiredService<DeliveryTally>().CountAsync(SendResult.Accepted, Guid.CreateVersion7(), null, "a@b.test", reserved.Id, Ct));
        (await CountedAsync()).ShouldBe(["1|0"]);

        Task<IReadOnlyList<string>> CountedAsync() => platform.RowsAsync(
            "SELECT (SELECT coalesce(sum(used), 0) FROM usage_counters), (SELECT coalesce(sum(amount), 0) FROM usage_reservations)", Ct);
    }

    [Fact]
    public async Task Its_viewers_see_it_and_another_tenants_people_their_own()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        await tenant.ADomainAsync(Ct);
        var viewer = await host.AColleagueAsync(tenant, "viewer", Ct);

        (await viewer.UsageAsync("domains", Ct)).ShouldBe("1 of 5, 20 %");
        (await other.UsageAsync("domains", Ct)).ShouldBe("0 of 5, 0 %");
    }

    [Fact]
    public async Task A_tenant_is_told_once_at_each_level_and_no_longer_when_it_is_over()
    {
        var tenant = await host.ATenantOnAsync(Ct, ("max_contacts", 20));
        await AlertedAsync(tenant, leads: 15);
        (await OpenAsync(tenant)).ShouldBeEmpty();

        await AlertedAsync(tenant, leads: 16);
        await AlertedAsync(tenant, leads: 16);
        (await OpenAsync(tenant)).ShouldBe(["80 % of 20 contacts are used, info, 1"]);
        await AlertedAsync(tenant, leads: 19);
        (await OpenAsync(tenant)).ShouldBe(["95 % of 20 contacts are used, warning, 1"]);
        await AlertedAsync(tenant, leads: 20);
        await AlertedAsync(tenant, leads: 20);
        (await OpenAsync(tenant)).ShouldBe(["100 % of 20 contacts are used, high, 1"]);

        await host.PutOnOwnPlanAsync(tenant, Ct, ("max_contacts", 25));
        await AlertedAsync(tenant, leads: 20);
        (await OpenAsync(tenant)).ShouldBe(["80 % of 25 contacts are used, info, 1"]);
        await host.QueryAsync("DELETE FROM leads WHERE tenant_id = $1 AND email LIKE 'lead1%'", Ct, tenant.TenantId);
        await AlertedAsync(tenant, leads: 0);
        (await OpenAsync(tenant)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_somebody_has_settled_does_not_come_back_by_itself()
    {
        var tenant = await host.ATenantOnAsync(Ct, ("max_domains", 1));
        await tenant.ADomainAsync(Ct);
        await AlertedAsync(tenant, leads: 0);
        var notice = (await tenant.GetAsync("notifications", Ct))["items"]!.AsArray().Single()!;
        await tenant.PostAsync($"notifications/{notice.Id()}/resolution", new { Notes = "We know." }, Ct);

        await AlertedAsync(tenant, leads: 0);

        (await OpenAsync(tenant)).ShouldBeEmpty();
    }

    // What the hourly job does, with so many leads at least.
    private async Task AlertedAsync(TenantClient tenant, int leads)
    {
        await (leads == 0 ? Task.CompletedTask : tenant.AListAsync(leads, Ct));
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<UsageAlerts>().RunAsync(tenant.TenantId, Ct);
    }

    private static async Task<IReadOnlyList<string>> OpenAsync(TenantClient tenant) =>
    [
        .. (await tenant.GetAsync("notifications", Ct))["items"]!.AsArray()
            .Select(item => $"{item!["title"]}, {item["severity"]}, {item["alertCount"]}"),
    ];
}
