using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Billing.Contracts;
using PenguinMails.Infrastructure;
using PenguinMails.Infrastructure.Servers;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>The life of servers with a provider that does what it is asked.</summary>
public sealed class ServerUpkeepTests(OwnDatabase database) : IClassFixture<OwnDatabase>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_order_becomes_one_active_server_whose_addresses_are_in_the_pool()
    {
        await using var hostwinds = await FakeHostwinds.StartAsync(Ct);
        await using var platform = await OwnPlatform.StartAsync(database, hostwinds, Ct);
        var id = await platform.OrderAsync(Ct);

        (await platform.RunAsync(Ct)).Changes.ShouldHaveSingleItem().What.ShouldBe("The provider was asked for it.");
        hostwinds.Requests.Last().ShouldBe($"add_instance template=template-1 rid=12 location_id=2 qty=1 srvrname=pm-{id:N} billingcycle=monthly keys[]=staff");
        await platform.RunAsync(Ct);
        (await platform.ServerAsync(id, Ct)).Status.ShouldBe(VpsStatus.Provisioning, "It is not built yet.");
        var built = hostwinds.Servers.Values.ShouldHaveSingleItem();
        hostwinds.Servers[built.Id] = built with { Status = "ACTIVE", Others = new object[] { built.MainIp, new { ip = "203.0.113.250" }, "no address" } };
        await platform.RunAsync(Ct);
        await platform.RunAsync(Ct);

        var server = await platform.ServerAsync(id, Ct);
        server.Status.ShouldBe(VpsStatus.Active);
        (server.HostwindsInstanceId, server.IpAddress, server.LastError).ShouldBe(($"{built.Id}", built.MainIp, null));
        (server.HostwindsBillingDay, server.LastSynced).ShouldBe((31, platform.Clock.Now));
        server.CurrentBillingPeriodStart.ShouldBe(new DateTimeOffset(2026, 1, 31, 0, 0, 0, TimeSpan.Zero));
        server.CurrentBillingPeriodEnd.ShouldBe(new DateTimeOffset(2026, 2, 28, 0, 0, 0, TimeSpan.Zero));
        (await AddressesAsync(platform, id)).ShouldBe([$"{built.MainIp} Available", "203.0.113.250 Available"], ignoreOrder: true);
        hostwinds.Count("add_instance").ShouldBe(1);
    }

    [Fact]
    public async Task Billing_periods_follow_the_clock()
    {
        await using var hostwinds = await FakeHostwinds.StartAsync(Ct);
        await using var platform = await OwnPlatform.StartAsync(database, hostwinds, Ct);
        var id = await ActiveAsync(platform, hostwinds);

        platform.Clock.Now = new DateTimeOffset(2026, 2, 28, 0, 0, 0, TimeSpan.Zero);
        (await platform.RunAsync(Ct)).Changes.ShouldContain(change => change.What == "A billing period has begun.");
        (await platform.RunAsync(Ct)).Changes.ShouldBeEmpty();

        (await platform.ServerAsync(id, Ct)).CurrentBillingPeriodEnd.ShouldBe(new DateTimeOffset(2026, 3, 31, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_server_is_given_back_when_its_period_ends_and_not_before()
    {
        await using var hostwinds = await FakeHostwinds.StartAsync(Ct);
        await using var platform = await OwnPlatform.StartAsync(database, hostwinds, Ct);
        var id = await ActiveAsync(platform, hostwinds);
        await BurnAsync(platform, id);
        await platform.ChangeAsync(id, server => server.ScheduleDecommission(DecommissionCause.Staff, "No need", platform.Clock.Now), Ct);

        platform.Clock.Now = new DateTimeOffset(2026, 2, 27, 23, 59, 59, TimeSpan.Zero);
        await platform.RunAsync(Ct);
        hostwinds.Servers.Count.ShouldBe(1);
        platform.Clock.Now = platform.Clock.Now.AddSeconds(1);
        hostwinds.Fail("terminate", HostwindsFault.ServerError);
        (await platform.RunAsync(Ct)).Problems.ShouldHaveSingleItem().What.ShouldBe("Hostwinds answered 500.");
        (await platform.ServerAsync(id, Ct)).Status.ShouldBe(VpsStatus.ScheduledDecommission);
        await platform.RunAsync(Ct);
        await platform.RunAsync(Ct);

        var server = await platform.ServerAsync(id, Ct);
        (server.Status, server.Decommissioned, server.LastError).ShouldBe((VpsStatus.Decommissioned, platform.Clock.Now, null));
        hostwinds.Servers.ShouldBeEmpty();
        hostwinds.Count("terminate").ShouldBe(2);
        (await platform.NotificationsAsync($"server:{id}", Ct)).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_that_the_provider_has_deleted_already_is_decommissioned_without_asking()
    {
        await using var hostwinds = await FakeHostwinds.StartAsync(Ct);
        await using var platform = await OwnPlatform.StartAsync(database, hostwinds, Ct);
        var id = await ActiveAsync(platform, hostwinds);
        await BurnAsync(platform, id);
        await platform.ChangeAsync(id, server => server.ScheduleDecommission(DecommissionCause.Staff, "No need", platform.Clock.Now), Ct);
        platform.Clock.Now = platform.Clock.Now.AddMonths(1);
        hostwinds.Fail("terminate", HostwindsFault.LostAnswer);
        (await platform.RunAsync(Ct)).Problems.ShouldHaveSingleItem();

        await platform.RunAsync(Ct);

        (await platform.ServerAsync(id, Ct)).Status.ShouldBe(VpsStatus.Decommissioned);
        hostwinds.Count("terminate").ShouldBe(1);
    }

    [Fact]
    public async Task What_changed_at_the_provider_is_noted_and_nothing_that_is_not_ours_is_touched()
    {
        await using var hostwinds = await FakeHostwinds.StartAsync(Ct);
        await using var platform = await OwnPlatform.StartAsync(database, hostwinds, Ct);
        var (moved, gone) = (await ActiveAsync(platform, hostwinds), await ActiveAsync(platform, hostwinds));
        var (movedThere, goneThere) = (await ThereAsync(platform, hostwinds, moved), await ThereAsync(platform, hostwinds, gone));
        hostwinds.Servers[movedThere.Id] = movedThere with { MainIp = "203.0.113.251" };
        hostwinds.Servers.TryRemove(goneThere.Id, out _);
        hostwinds.Servers[1] = new FakeHostwinds.Server(1, "somebody's", "ACTIVE", "203.0.113.252", "2020-01-01 00:00:00");

        var report = await platform.RunAsync(Ct);

        report.Seen.ShouldBe(2);
        report.Unknown.ShouldHaveSingleItem().InstanceId.ShouldBe("1");
        report.Changes.ShouldHaveSingleItem().ShouldBe(new SyncReport.Entry(moved, "Its main address is 203.0.113.251 now."));
        report.Problems.OrderBy(problem => problem.ServerId).ShouldBe(
        [
            new(moved, $"The provider no longer has {movedThere.MainIp} on it."), new(gone, "The provider has no such server any more."),
        ]);
        (await AddressesAsync(platform, moved)).ShouldBe([$"{movedThere.MainIp} Available", "203.0.113.251 Available"], ignoreOrder: true);
        (await platform.NotificationsAsync($"server:{gone}", Ct)).ShouldBe([$"warning: pm-{gone:N} (active): The provider has no such server any more."]);
        (await platform.ServerAsync(gone, Ct)).Status.ShouldBe(VpsStatus.Active);

        hostwinds.Servers[goneThere.Id] = goneThere;
        await platform.RunAsync(Ct);

        (await platform.NotificationsAsync($"server:{gone}", Ct)).ShouldBeEmpty("It is back.");
        (await platform.NotificationsAsync($"server:{moved}", Ct)).ShouldHaveSingleItem();
        hostwinds.Servers.ShouldContainKey(1);
        hostwinds.Requests.ShouldNotContain(request => request.StartsWith("terminate", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_address_that_is_burned_does_not_come_again_with_the_same_server()
    {
        await using var hostwinds = await FakeHostwinds.StartAsync(Ct);
        await using var platform = await OwnPlatform.StartAsync(database, hostwinds, Ct);
        var id = await ActiveAsync(platform, hostwinds);
        await BurnAsync(platform, id);

        var report = await platform.RunAsync(Ct);

        report.Problems.ShouldBeEmpty();
        (await AddressesAsync(platform, id)).ShouldHaveSingleItem().ShouldEndWith("Burned");
    }

    [Fact]
    public async Task A_tenants_own_server_goes_when_its_subscription_lapses_and_stays_when_it_pays()
    {
        await using var hostwinds = await FakeHostwinds.StartAsync(Ct);
        await using var platform = await OwnPlatform.StartAsync(database, hostwinds, Ct);
        var tenant = Guid.CreateVersion7();
        await database.ExecuteAsync($"INSERT INTO tenants (id, name) VALUES ('{tenant}', 'T')", Ct);
        var (own, shared, leaving) = (await ActiveAsync(platform, hostwinds, tenant), await ActiveAsync(platform, hostwinds), await ActiveAsync(platform, hostwinds, tenant));
        await platform.ChangeAsync(leaving, server => server.ScheduleDecommission(DecommissionCause.Staff, "Old", platform.Clock.Now), Ct);

        await platform.PublishAsync(new SubscriptionChanged(tenant, IsInForce: false), Ct);
        await platform.PublishAsync(new SubscriptionChanged(tenant, IsInForce: false), Ct);

        var scheduled = await platform.ServerAsync(own, Ct);
        (scheduled.Status, scheduled.DecommissionCause).ShouldBe((VpsStatus.ScheduledDecommission, DecommissionCause.Subscription));
        scheduled.DecommissionScheduledFor.ShouldBe(new DateTimeOffset(2026, 2, 28, 0, 0, 0, TimeSpan.Zero));
        (await platform.ServerAsync(shared, Ct)).Status.ShouldBe(VpsStatus.Active);

        await platform.PublishAsync(new SubscriptionChanged(tenant, IsInForce: true), Ct);

        (await platform.ServerAsync(own, Ct)).Status.ShouldBe(VpsStatus.Active);
        (await platform.ServerAsync(leaving, Ct)).Status.ShouldBe(VpsStatus.ScheduledDecommission, "Staff wanted it gone, whoever pays.");

        await platform.PublishAsync(new SubscriptionChanged(tenant, IsInForce: false), Ct);
        platform.Clock.Now = scheduled.DecommissionScheduledFor!.Value;
        await platform.PublishAsync(new SubscriptionChanged(tenant, IsInForce: true), Ct);
        (await platform.ServerAsync(own, Ct)).Status.ShouldBe(VpsStatus.ScheduledDecommission, "Too late: its date has come.");
    }

    [Fact]
    public async Task Simulated_servers_are_the_same_after_a_restart()
    {
        (string, string)[] settings = [("Hostwinds:Simulate", "true")];
        await using var platform = await OwnPlatform.StartAsync(database, Ct, settings);
        var (one, other) = (await platform.OrderAsync(Ct, provider: ServerProviderKind.Simulated), await platform.OrderAsync(Ct, provider: ServerProviderKind.Simulated));
        await platform.RunAsync(Ct);
        await platform.RunAsync(Ct);

        var (first, second) = (await platform.ServerAsync(one, Ct), await platform.ServerAsync(other, Ct));
        (first.Status, second.Status).ShouldBe((VpsStatus.Active, VpsStatus.Active));
        first.IpAddress!.ShouldStartWith("198.1");
        second.IpAddress.ShouldNotBe(first.IpAddress);
        (await platform.RunAsync(Ct)).Problems.ShouldBeEmpty();
        first.HostwindsBillingDay.ShouldBe(platform.Clock.Now.Day);
    }

    [Fact]
    public async Task Without_a_key_there_is_no_provider_in_production()
    {
        await using var platform = await OwnPlatform.StartAsync(database, Ct);
        await using var scope = platform.Scope();

        (await scope.ServiceProvider.GetRequiredService<ServerUpkeep>().RunAsync(Ct)).ShouldBeEmpty();
    }

    private static async Task<Guid> ActiveAsync(OwnPlatform platform, FakeHostwinds hostwinds, Guid? tenantId = null)
    {
        var id = await platform.OrderAsync(Ct, tenantId: tenantId);
        await platform.RunAsync(Ct);
        hostwinds.Build();
        await platform.RunAsync(Ct);
        (await platform.ServerAsync(id, Ct)).Status.ShouldBe(VpsStatus.Active);
        return id;
    }

    private static async Task<FakeHostwinds.Server> ThereAsync(OwnPlatform platform, FakeHostwinds hostwinds, Guid id) =>
        hostwinds.Servers[int.Parse((await platform.ServerAsync(id, Ct)).HostwindsInstanceId!, System.Globalization.CultureInfo.InvariantCulture)];

    // As if no domain had ever come to its addresses.
    private static async Task BurnAsync(OwnPlatform platform, Guid id)
    {
        await using var db = platform.Open();
        await db.SmtpIpAddresses.Where(address => address.VpsInstanceId == id)
            .ExecuteUpdateAsync(set => set.SetProperty(address => address.Status, AddressStatus.Burned), Ct);
    }

    private static async Task<IReadOnlyList<string>> AddressesAsync(OwnPlatform platform, Guid id)
    {
        await using var db = platform.Open();
        return [.. (await db.SmtpIpAddresses.Where(address => address.VpsInstanceId == id).ToListAsync(Ct)).Select(address => $"{address.IpAddress} {address.Status}")];
    }
}
