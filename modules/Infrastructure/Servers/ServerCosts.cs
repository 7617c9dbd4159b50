namespace PenguinMails.Infrastructure.Servers;

/// <summary>
/// What servers cost, in dollars. Whole periods are paid in advance, so a server costs its price in each month in which a period of it
/// begins, until it goes.
/// </summary>
internal static class ServerCosts
{
    /// <summary>Whether a period begins in a month. The days before it was active, within its first period, are paid for as well.</summary>
    public static bool IsPaidIn(VpsInstance server, DateOnly month)
    {
        if (server is not { Activated: { } activated, HostwindsBillingDay: { } day })
        {
            return false;
        }

        var begins = BillingPeriod.DateIn(month, day);
        return begins >= BillingPeriod.At(day, activated).Start && !(begins >= server.DecommissionScheduledFor);
    }

    /// <summary>What all of them cost in a month.</summary>
    public static decimal In(IEnumerable<VpsInstance> servers, DateOnly month) =>
        servers.Where(server => IsPaidIn(server, month)).Sum(server => server.MonthlyCost ?? 0);
}
