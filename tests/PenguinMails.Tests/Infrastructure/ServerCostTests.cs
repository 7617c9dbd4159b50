using PenguinMails.Infrastructure;
using PenguinMails.Infrastructure.Servers;

namespace PenguinMails.Tests.Infrastructure;

public sealed class ServerCostTests
{
    [Fact]
    public void A_server_is_paid_for_in_each_month_that_a_period_begins_in()
    {
        var server = Active(new DateTimeOffset(2026, 1, 31, 9, 0, 0, TimeSpan.Zero));

        Months(server).ShouldBe(["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06"]);
        // Scheduled for the 30th of April: the period that would begin then is not paid any more.
        server.ScheduleDecommission(DecommissionCause.Staff, "No need", new DateTimeOffset(2026, 4, 5, 0, 0, 0, TimeSpan.Zero));
        Months(server).ShouldBe(["2026-01", "2026-02", "2026-03"]);
        server.Decommission(new DateTimeOffset(2026, 4, 30, 0, 3, 0, TimeSpan.Zero));
        Months(server).ShouldBe(["2026-01", "2026-02", "2026-03"], "It went minutes late.");
    }

    [Fact]
    public void What_is_not_built_costs_nothing()
    {
        var ordered = VpsInstance.Order(ServerProviderKind.Hostwinds, "dallas", 9.99m, null);
        var active = Active(new DateTimeOffset(2026, 1, 10, 0, 0, 0, TimeSpan.Zero));

        ServerCosts.In([ordered, active, active], new DateOnly(2026, 2, 1)).ShouldBe(19.98m);
    }

    private static VpsInstance Active(DateTimeOffset at)
    {
        var server = VpsInstance.Order(ServerProviderKind.Hostwinds, "dallas", 9.99m, null);
        server.Activate(new ProviderServer("1", server.Name, ["203.0.113.1"], IsReady: true, at, Problem: null), at);
        return server;
    }

    private static string[] Months(VpsInstance server) =>
    [
        .. Enumerable.Range(0, 8).Select(new DateOnly(2025, 11, 1).AddMonths).Where(month => ServerCosts.IsPaidIn(server, month))
            .Select(month => month.ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture)),
    ];
}
