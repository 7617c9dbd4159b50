namespace PenguinMails.Infrastructure.Warmup;

/// <summary>What became of a mailbox's mail over some days.</summary>
internal readonly record struct DeliveryCounts(int Sent, int Bounced, int Complained, int Opened, int Clicked)
{
    /// <summary>With fewer sends percentages say nothing.</summary>
    public const int Enough = 20;

    public bool AreEnough => Sent >= Enough;
    public decimal BouncePercent => Percent(Bounced);
    public decimal ComplaintPercent => Percent(Complained);

    /// <summary>0 to 100; 100 while nothing was sent.</summary>
    public decimal Health => Math.Round(
        Math.Clamp(100 - 10 * BouncePercent - 50 * ComplaintPercent + 0.2m * Percent(Opened) + 0.1m * Percent(Clicked), 0, 100), 2);

    public static DeliveryCounts Of(IEnumerable<WarmupDay> days) => days.Aggregate(default(DeliveryCounts), (sum, day) => new DeliveryCounts(
        sum.Sent + day.Sent, sum.Bounced + day.Bounced, sum.Complained + day.Complained, sum.Opened + day.Opened, sum.Clicked + day.Clicked));

    private decimal Percent(int count) => Sent == 0 ? 0 : 100m * count / Sent;
}
