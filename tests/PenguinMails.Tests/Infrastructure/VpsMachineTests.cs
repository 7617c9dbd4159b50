using CsCheck;
using PenguinMails.Infrastructure;
using PenguinMails.Infrastructure.Servers;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>The states of a server, by themselves.</summary>
public sealed class VpsMachineTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    // From whichever state, what a state may become.
    private static readonly Dictionary<VpsStatus, VpsStatus[]> Legal = new()
    {
        [VpsStatus.Provisioning] = [VpsStatus.Active],
        [VpsStatus.Active] = [VpsStatus.ScheduledDecommission],
        [VpsStatus.ScheduledDecommission] = [VpsStatus.Active, VpsStatus.Decommissioned],
        [VpsStatus.Decommissioned] = [],
    };

    [Fact]
    public void No_order_of_events_leads_to_an_illegal_state() => Gen.Int[0, 9].Array[0, 60].Sample(events =>
    {
        var server = New();
        var now = Start;
        foreach (var one in events)
        {
            var (before, date) = (server.Status, server.DecommissionScheduledFor);
            var isDone = Do(server, one, ref now);
            if (server.Status != before)
            {
                Legal[before].ShouldContain(server.Status);
                isDone.ShouldBeTrue("Who moves it says so.");
            }

            if (before == VpsStatus.ScheduledDecommission && server.Status == VpsStatus.Active)
            {
                now.ShouldBeLessThan(date!.Value);
            }

            Check(server, now);
        }
    });

    [Fact]
    public void It_goes_when_what_is_paid_for_ends_and_not_before()
    {
        var server = New();
        server.ScheduleDecommission(DecommissionCause.Staff, "Too early", Start).ShouldBeFalse();
        server.Activate(Found(), Start).ShouldBeTrue();
        server.Activate(Found(), Start).ShouldBeFalse();
        var now = new DateTimeOffset(2026, 4, 2, 0, 0, 0, TimeSpan.Zero);

        server.ScheduleDecommission(DecommissionCause.Staff, "No need", now).ShouldBeTrue();

        server.DecommissionScheduledFor.ShouldBe(new DateTimeOffset(2026, 4, 30, 0, 0, 0, TimeSpan.Zero), "The 31st of April is the 30th.");
        server.Decommission(now).ShouldBeFalse();
        server.ScheduleDecommission(DecommissionCause.Subscription, "Again", now).ShouldBeFalse();
        server.CancelDecommission(server.DecommissionScheduledFor!.Value).ShouldBeFalse();
        server.CancelDecommission(server.DecommissionScheduledFor.Value.AddTicks(-1)).ShouldBeTrue();
        server.CancelDecommission(now).ShouldBeFalse();
        server.ScheduleDecommission(DecommissionCause.Staff, "After all", now).ShouldBeTrue();
        server.Decommission(server.DecommissionScheduledFor!.Value).ShouldBeTrue();
        server.CancelDecommission(now).ShouldBeFalse();
    }

    [Fact]
    public void It_is_not_active_before_it_is_built_and_has_an_address()
    {
        var server = New();

        server.Activate(Found() with { IsReady = false }, Start).ShouldBeFalse();
        server.Activate(Found() with { Addresses = [] }, Start).ShouldBeFalse();

        server.Status.ShouldBe(VpsStatus.Provisioning);
    }

    private static VpsInstance New() => VpsInstance.Order(ServerProviderKind.Hostwinds, "dallas", 9.99m, null);

    private static ProviderServer Found() => new("1", "pm", ["203.0.113.1"], IsReady: true, Start, Problem: null);

    private static bool Do(VpsInstance server, int one, ref DateTimeOffset now)
    {
        switch (one)
        {
            case 0: return server.AskFor(now);
            case 1: return server.Activate(Found() with { Created = now }, now);
            case 2: return server.Renew(now);
            case 3: return server.ScheduleDecommission(DecommissionCause.Staff, "Wanted", now);
            case 4: return server.CancelDecommission(now);
            case 5: return server.Decommission(now);
            case 6: return server.Saw(Found() with { Addresses = [] }, now);
            case 7: server.WasRefused(); return false;
            default: now = now.AddDays(one == 8 ? 1 : 23); return false;
        }
    }

    private static void Check(VpsInstance server, DateTimeOffset now)
    {
        (server.Status == VpsStatus.Provisioning).ShouldBe(server.CurrentBillingPeriodStart is null);
        (server.Status == VpsStatus.Provisioning).ShouldBe(server.Activated is null);
        (server.Status is VpsStatus.ScheduledDecommission or VpsStatus.Decommissioned).ShouldBe(server.DecommissionScheduledFor is not null);
        (server.Status == VpsStatus.Decommissioned).ShouldBe(server.Decommissioned is not null);
        if (server.DecommissionScheduledFor is { } date)
        {
            date.ShouldBe(server.CurrentBillingPeriodEnd!.Value);
            (server.Decommissioned is null || server.Decommissioned >= date).ShouldBeTrue();
        }

        if (server.CurrentBillingPeriodStart is { } start)
        {
            BillingPeriod.At(server.HostwindsBillingDay!.Value, start).ShouldBe(new BillingPeriod(start, server.CurrentBillingPeriodEnd!.Value));
            start.ShouldBeLessThanOrEqualTo(now);
        }

        server.IpAddress.ShouldBe(server.Status == VpsStatus.Provisioning ? null : "203.0.113.1");
    }
}
