using CsCheck;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure;
using PenguinMails.Infrastructure.Servers;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>A provider that fails: each fault is a sentence on the server, a state that is legal, and another try.</summary>
public sealed class ServerFaultTests(OwnDatabase database) : IClassFixture<OwnDatabase>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HostwindsFault.TooMany, "Hostwinds asked for fewer requests.")]
    [InlineData(HostwindsFault.ServerError, "Hostwinds answered 500.")]
    [InlineData(HostwindsFault.Silence, "Hostwinds did not answer within 1 s.")]
    [InlineData(HostwindsFault.Stall, "Hostwinds did not answer within 1 s.")]
    [InlineData(HostwindsFault.BadJson, "Hostwinds answered what is no JSON.")]
    [InlineData(HostwindsFault.WrongShape, "Hostwinds answered something else than a list of servers.")]
    [InlineData(HostwindsFault.RefusedKey, "Hostwinds refused the API key.")]
    [InlineData(HostwindsFault.Forbidden, "Hostwinds refused the API key.")]
    [InlineData(HostwindsFault.Redirect, "Hostwinds answered 302.")]
    [InlineData(HostwindsFault.NoFunds, "Hostwinds refused: Insufficient funds for ***.")]
    internal async Task A_list_that_fails_changes_nothing_but_is_told(HostwindsFault fault, string sentence)
    {
        await using var hostwinds = await FakeHostwinds.StartAsync(Ct);
        await using var platform = await OwnPlatform.StartAsync(database, hostwinds, Ct);
        var id = await platform.OrderAsync(Ct);
        hostwinds.Fail("get_instances", fault, fault, fault, fault);

        (await platform.RunAsync(Ct)).Fault.ShouldBe(sentence);

        var server = await platform.ServerAsync(id, Ct);
        (server.Status, server.LastError).ShouldBe((VpsStatus.Provisioning, sentence));
        (await platform.NotificationsAsync("servers:hostwinds", Ct)).ShouldContain($"warning: {sentence}");
        hostwinds.Faults.Clear();
        await platform.RunAsync(Ct);
        hostwinds.Build();
        await platform.RunAsync(Ct);
        server = await platform.ServerAsync(id, Ct);
        (server.Status, server.LastError).ShouldBe((VpsStatus.Active, null));
    }

    [Theory]
    [InlineData(HostwindsFault.TooMany, "Hostwinds asked for fewer requests.", true)]
    [InlineData(HostwindsFault.ServerError, "Hostwinds answered 500.", false)]
    [InlineData(HostwindsFault.Silence, "Hostwinds did not answer within 1 s.", false)]
    [InlineData(HostwindsFault.Stall, "Hostwinds did not answer within 1 s.", false)]
    [InlineData(HostwindsFault.BadJson, "Hostwinds answered what is no JSON.", false)]
    [InlineData(HostwindsFault.RefusedKey, "Hostwinds refused the API key.", true)]
    [InlineData(HostwindsFault.Redirect, "Hostwinds answered 302.", true)]
    [InlineData(HostwindsFault.NoFunds, "Hostwinds refused: Insufficient funds for ***.", true)]
    internal async Task An_order_that_fails_is_tried_again_at_once_only_where_nothing_was_done(HostwindsFault fault, string sentence, bool isUndone)
    {
        await using var hostwinds = await FakeHostwinds.StartAsync(Ct);
        await using var platform = await OwnPlatform.StartAsync(database, hostwinds, Ct);
        var id = await platform.OrderAsync(Ct);
        hostwinds.Fail("add_instance", fault);

        var report = await platform.RunAsync(Ct);

        report.Problems.ShouldHaveSingleItem().What.ShouldBe(sentence);
        var server = await platform.ServerAsync(id, Ct);
        (server.Status, server.LastError, server.IsUnasked).ShouldBe((VpsStatus.Provisioning, sentence, isUndone));
        (await platform.NotificationsAsync($"server:{id}", Ct)).ShouldBe([$"warning: pm-{id:N} (provisioning): {sentence}"]);
        hostwinds.Count("add_instance").ShouldBe(1, "It is not repeated by itself.");
        await platform.RunAsync(Ct);
        hostwinds.Count("add_instance").ShouldBe(isUndone ? 2 : 1);
        platform.Clock.Now += VpsInstance.LongestCreation;
        await platform.RunAsync(Ct);
        hostwinds.Build();
        await platform.RunAsync(Ct);
        hostwinds.Servers.Count.ShouldBe(1);
        (await platform.ServerAsync(id, Ct)).Status.ShouldBe(VpsStatus.Active);
        (await platform.NotificationsAsync($"server:{id}", Ct)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(HostwindsFault.LostAnswer)]
    [InlineData(HostwindsFault.GarbledAnswer)]
    internal async Task An_order_whose_answer_was_lost_makes_no_second_server(HostwindsFault fault)
    {
        await using var hostwinds = await FakeHostwinds.StartAsync(Ct);
        await using var platform = await OwnPlatform.StartAsync(database, hostwinds, Ct);
        var id = await platform.OrderAsync(Ct);
        hostwinds.Fail("add_instance", fault);
        await platform.RunAsync(Ct);
        platform.Clock.Now = platform.Clock.Now.AddDays(1);

        await platform.RunAsync(Ct);
        hostwinds.Build();
        await platform.RunAsync(Ct);

        (await platform.ServerAsync(id, Ct)).Status.ShouldBe(VpsStatus.Active);
        hostwinds.Servers.Count.ShouldBe(1);
        hostwinds.Count("add_instance").ShouldBe(1);
    }

    [Fact]
    public async Task Two_hosts_at_once_order_one_server()
    {
        await using var hostwinds = await FakeHostwinds.StartAsync(Ct);
        await using var platform = await OwnPlatform.StartAsync(database, hostwinds, Ct);
        foreach (var _ in Enumerable.Range(0, 5))
        {
            await platform.OrderAsync(Ct);
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => platform.RunAsync(Ct)));

        hostwinds.Servers.Values.Select(server => server.Name).ShouldBeUnique();
        hostwinds.Servers.Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_reading_is_repeated_within_the_run()
    {
        await using var hostwinds = await FakeHostwinds.StartAsync(Ct);
        await using var platform = await OwnPlatform.StartAsync(database, hostwinds, Ct);
        hostwinds.RetryAfterSeconds = 0;
        hostwinds.Fail("get_instances", HostwindsFault.ServerError, HostwindsFault.TooMany, HostwindsFault.Silence);

        (await platform.RunAsync(Ct)).Fault.ShouldBeNull();

        hostwinds.Count("get_instances").ShouldBe(4);
    }

    [Fact]
    public async Task A_provider_that_asks_for_a_long_rest_has_it()
    {
        await using var hostwinds = await FakeHostwinds.StartAsync(Ct);
        await using var platform = await OwnPlatform.StartAsync(database, hostwinds, Ct);
        hostwinds.RetryAfterSeconds = 600;
        hostwinds.Fail("get_instances", HostwindsFault.TooMany);
        (await platform.RunAsync(Ct)).Fault.ShouldBe("Hostwinds asked for fewer requests.");

        platform.Clock.Now = platform.Clock.Now.AddSeconds(599);
        (await platform.RunAsync(Ct)).Fault.ShouldBe("Hostwinds asked for no more requests before 2026-02-03 04:15:06Z.");
        hostwinds.Count("get_instances").ShouldBe(1);

        platform.Clock.Now = platform.Clock.Now.AddSeconds(1);
        (await platform.RunAsync(Ct)).Fault.ShouldBeNull();
    }

    [Fact]
    public async Task A_provider_that_is_not_there_is_told()
    {
        var hostwinds = await FakeHostwinds.StartAsync(Ct);
        await using var platform = await OwnPlatform.StartAsync(database, hostwinds, Ct);
        var id = await platform.OrderAsync(Ct);
        await hostwinds.DisposeAsync();

        (await platform.RunAsync(Ct)).Fault!.ShouldStartWith("Hostwinds could not be reached: ");

        (await platform.ServerAsync(id, Ct)).IsUnasked.ShouldBeTrue();
    }

    [Fact]
    public async Task A_server_in_trouble_at_the_provider_is_told_and_followed()
    {
        await using var hostwinds = await FakeHostwinds.StartAsync(Ct);
        await using var platform = await OwnPlatform.StartAsync(database, hostwinds, Ct);
        var id = await platform.OrderAsync(Ct);
        await platform.RunAsync(Ct);
        hostwinds.Build("ERROR");
        (await platform.RunAsync(Ct)).Problems.ShouldHaveSingleItem().What.ShouldBe("Hostwinds could not build it, or it broke: its status is ERROR.");
        (await platform.ServerAsync(id, Ct)).Status.ShouldBe(VpsStatus.Provisioning);
        hostwinds.Build();
        await platform.RunAsync(Ct);
        var there = hostwinds.Servers.Values.Single();
        hostwinds.Servers[there.Id] = there with { IsSuspended = 1 };

        (await platform.RunAsync(Ct)).Problems.ShouldHaveSingleItem().What.ShouldBe("Hostwinds has suspended it.");

        (await platform.ServerAsync(id, Ct)).Status.ShouldBe(VpsStatus.Active);
    }

    [Fact]
    public void Settings_do_not_print_the_key() => $"{new HostwindsOptions { ApiKey = FakeHostwinds.Key }}".ShouldNotContain(FakeHostwinds.Key);

    [Fact]
    public async Task Whatever_happens_in_whichever_order_there_is_one_server_for_each_order_and_each_state_is_legal()
    {
        await using var hostwinds = await FakeHostwinds.StartAsync(Ct);
        await using var platform = await OwnPlatform.StartAsync(database, hostwinds, Ct);

        await Gen.Int[0, 19].Array[10, 40].SampleAsync(async events =>
        {
            hostwinds.Faults.Clear();
            hostwinds.Servers.Clear();
            await using (var db = platform.Open())
            {
                await db.VpsInstances.ExecuteDeleteAsync(Ct);
            }

            var id = await platform.OrderAsync(Ct);
            var isVanished = false;
            foreach (var one in events)
            {
                isVanished |= await DoAsync(platform, hostwinds, id, one);
                var server = await platform.ServerAsync(id, Ct);
                hostwinds.Servers.Count.ShouldBeLessThanOrEqualTo(1);
                (server.Status == VpsStatus.Provisioning).ShouldBe(server.CurrentBillingPeriodEnd is null);
                if (server.Status is VpsStatus.Active or VpsStatus.ScheduledDecommission && !isVanished)
                {
                    hostwinds.Servers.ShouldNotBeEmpty("It is paid for and must not be gone.");
                }

                if (server.Status == VpsStatus.Decommissioned)
                {
                    hostwinds.Servers.ShouldBeEmpty("Nobody looks after it any more, so it must be gone.");
                }
            }
        }, iter: 25, threads: 1);
    }

    // The faults that take no time: what silence means, others see.
    private static readonly HostwindsFault[] Quick =
    [
        HostwindsFault.TooMany, HostwindsFault.ServerError, HostwindsFault.BadJson, HostwindsFault.WrongShape, HostwindsFault.RefusedKey,
        HostwindsFault.NoFunds, HostwindsFault.GarbledAnswer,
    ];

    /// <returns>Whether the server vanished by itself.</returns>
    private static async Task<bool> DoAsync(OwnPlatform platform, FakeHostwinds hostwinds, Guid id, int one)
    {
        switch (one)
        {
            case < 7:
                hostwinds.Fail(one % 3 == 0 ? "get_instances" : one % 3 == 1 ? "add_instance" : "terminate", [.. Enumerable.Repeat(Quick[one], 4)]);
                return false;
            case 7:
                hostwinds.Fail("add_instance", HostwindsFault.GarbledAnswer);
                hostwinds.Fail("terminate", HostwindsFault.GarbledAnswer);
                return false;
            case 8:
                hostwinds.Build();
                return false;
            case 9:
                hostwinds.Build("ERROR");
                return false;
            case 10 when (await platform.ServerAsync(id, Ct)).Status != VpsStatus.Provisioning:
                hostwinds.Servers.Clear();
                return true;
            case 11 or 12:
                await TryAsync(platform, id, server => server.ScheduleDecommission(DecommissionCause.Staff, "Wanted", platform.Clock.Now));
                return false;
            case 13:
                await TryAsync(platform, id, server => server.CancelDecommission(platform.Clock.Now));
                return false;
            case 14:
                platform.Clock.Now = platform.Clock.Now.AddDays(20);
                return false;
            default:
                await platform.RunAsync(Ct);
                await BurnAsync(platform);
                platform.Clock.Now = platform.Clock.Now.AddMinutes(30);
                return false;
        }
    }

    private static async Task TryAsync(OwnPlatform platform, Guid id, Func<VpsInstance, bool> change)
    {
        await using var db = platform.Open();
        change(await db.VpsInstances.SingleAsync(server => server.Id == id, Ct));
        await db.SaveChangesAsync(Ct);
    }

    // As if no domain had ever come to its addresses.
    private static async Task BurnAsync(OwnPlatform platform)
    {
        await using var db = platform.Open();
        await db.SmtpIpAddresses.ExecuteUpdateAsync(set => set.SetProperty(address => address.Status, AddressStatus.Burned), Ct);
    }
}
