using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Warmup;

namespace PenguinMails.Infrastructure;

/// <summary>What became of the mail of an address or a mailbox over some days.</summary>
internal sealed record DeliveryCounts(int Sent, int Bounced, int Complained, int Opened, int Clicked)
{
    public const decimal Good = 90;
    public const decimal Fair = 70;
    public const decimal Poor = 50;

    public decimal BouncePercent => Percent(Bounced);
    public decimal ComplaintPercent => Percent(Complained);
    public decimal OpenPercent => Percent(Opened);

    public static DeliveryCounts Of(IEnumerable<AddressDay> days) =>
        Sum(days.Select(day => new DeliveryCounts(day.Sent, day.Bounced, day.Complained, day.Opened, day.Clicked)));

    public static DeliveryCounts Of(IEnumerable<WarmupDay> days) =>
        Sum(days.Select(day => new DeliveryCounts(day.Sent, day.Bounced, day.Complained, day.Opened, day.Clicked)));

    /// <summary>0 to 100; null with fewer sends than <paramref name="minimum"/>.</summary>
    public decimal? Health(int minimum) => Sent < minimum ? null : Math.Round(
        Math.Clamp(100 - 10 * BouncePercent - 50 * ComplaintPercent + 0.2m * OpenPercent + 0.1m * Percent(Clicked), 0, 100), 2);

    public static ReputationState Word(decimal health) => health switch
    {
        >= Good => ReputationState.Good,
        >= Fair => ReputationState.Fair,
        >= Poor => ReputationState.Poor,
        _ => ReputationState.Critical,
    };

    private static DeliveryCounts Sum(IEnumerable<DeliveryCounts> counts) => counts.Aggregate(new DeliveryCounts(0, 0, 0, 0, 0), (sum, day) =>
        new DeliveryCounts(sum.Sent + day.Sent, sum.Bounced + day.Bounced, sum.Complained + day.Complained, sum.Opened + day.Opened, sum.Clicked + day.Clicked));

    private decimal Percent(int count) => Sent == 0 ? 0 : 100m * count / Sent;
}
