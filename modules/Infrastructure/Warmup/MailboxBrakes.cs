using System.Globalization;

namespace PenguinMails.Infrastructure.Warmup;

/// <summary>What a mailbox's numbers ask for.</summary>
/// <param name="Suspends">Until staff look; else it is paused, and the tenant resumes it once the numbers are past.</param>
/// <param name="Reason">For people.</param>
internal sealed record Brake(bool Suspends, string Reason);

/// <summary>When a mailbox must stop, for its own good and its neighbours'.</summary>
internal static class MailboxBrakes
{
    private const decimal SuspendingBouncePercent = 10;
    private const decimal PausingBouncePercent = 5;
    private const decimal PausingComplaintPercent = 0.2m;
    private const int PausingComplaintsADay = 2;

    /// <summary>With fewer sends percentages say nothing.</summary>
    public const int Enough = 20;

    /// <summary>How many days they look at: numbers are kept by the day, so two cover the last 24 hours whenever it is.</summary>
    public const int Days = 2;

    /// <param name="days">The last <see cref="Days"/> days.</param>
    /// <returns>Null where all is well, or too little was sent to say.</returns>
    public static Brake? For(IReadOnlyCollection<WarmupDay> days)
    {
        var counts = DeliveryCounts.Of(days);
        return counts switch
        {
            { Sent: < Enough } => null,
            { BouncePercent: > SuspendingBouncePercent } => new Brake(true, Words(counts.BouncePercent, "bounced", counts.Sent)),
            { BouncePercent: > PausingBouncePercent } => new Brake(false, Words(counts.BouncePercent, "bounced", counts.Sent)),
            _ when days.Any(day => day.Complained > PausingComplaintsADay) =>
                new Brake(false, $"More than {PausingComplaintsADay} complaints came in on one day."),
            { ComplaintPercent: > PausingComplaintPercent } => new Brake(false, Words(counts.ComplaintPercent, "drew complaints", counts.Sent)),
            _ => null,
        };
    }

    private static string Words(decimal percent, string fate, int sent) =>
        string.Create(CultureInfo.InvariantCulture, $"Of the last {sent} messages {percent:0.#} % {fate}.");
}
