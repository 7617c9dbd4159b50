namespace PenguinMails.Infrastructure.Addresses;

/// <summary>How much an address may send a day, in all and to one receiver.</summary>
internal static class WarmupRamp
{
    /// <returns>Sends on the day (UTC) of <paramref name="now"/>; 0 where the address carries no customer's mail.</returns>
    public static int CapAt(AddressStatus status, DateTimeOffset? started, AddressOptions options, DateTimeOffset now) => status switch
    {
        AddressStatus.Assigned => options.WarmupStart,
        AddressStatus.Warming => Ramp(started, options, now),
        AddressStatus.Warmed => ByAge(started, options, now),
        AddressStatus.Degraded => (int)(ByAge(started, options, now) * options.DegradedShare),
        _ => 0,
    };

    /// <summary>One large receiver gets a part while an address is new to it; the many small ones together need none.</summary>
    public static int ProviderCapAt(
        int cap, ReceivingProvider provider, AddressStatus status, DateTimeOffset? started, AddressOptions options, DateTimeOffset now) =>
        provider == ReceivingProvider.Other || IsDone(status, started, options, now) ? cap : (int)Math.Ceiling(cap * options.ProviderShare);

    /// <summary>
    /// Whether its ramp is behind it. An address that was degraded on the ramp is warmed when it has recovered, but keeps to the ramp
    /// until that is over.
    /// </summary>
    public static bool IsDone(AddressStatus status, DateTimeOffset? started, AddressOptions options, DateTimeOffset now) =>
        status == AddressStatus.Warmed && IsOver(started, options, now);

    private static bool IsOver(DateTimeOffset? started, AddressOptions options, DateTimeOffset now) =>
        started is null || now - started >= TimeSpan.FromDays(options.WarmupDays);

    private static int ByAge(DateTimeOffset? started, AddressOptions options, DateTimeOffset now) =>
        IsOver(started, options, now) ? options.WarmedCap : Ramp(started, options, now);

    private static int Ramp(DateTimeOffset? started, AddressOptions options, DateTimeOffset now)
    {
        var days = started is { } since ? Math.Max(0, (now.UtcDateTime.Date - since.UtcDateTime.Date).Days) : 0;
        return (int)Math.Min(options.WarmedCap, options.WarmupStart * Math.Pow(options.WarmupGrowth, days / options.WarmupStepDays));
    }
}
