using System.Globalization;
using PenguinMails.Infrastructure.Addresses;

namespace PenguinMails.Infrastructure;

/// <summary>What the hourly look at an address makes of it.</summary>
internal sealed partial class SmtpIpAddress
{
    // Of Spamhaus' codes those of the PBL: what an address is for, not what it did.
    private static readonly string[] PolicyCodes = ["127.0.0.10", "127.0.0.11"];

    /// <summary>The lists it is on.</summary>
    public IEnumerable<string> Listings => (ProviderBlacklistStatus ?? new Dictionary<string, Listing>())
        .Where(list => list.Value.Listed).Select(list => list.Key).Order(StringComparer.Ordinal);

    private bool IsOnSpamhaus => ProviderBlacklistStatus?.Any(list =>
        list.Value.Listed && list.Key.StartsWith("spamhaus", StringComparison.OrdinalIgnoreCase) && !PolicyCodes.Contains(list.Value.Code)) == true;

    /// <summary>Takes over what the last days say, and changes the state where that asks for it.</summary>
    /// <param name="numbers">Of the last three days; of a degraded or quarantined one only since the day after.</param>
    /// <param name="before">Of the three days before those.</param>
    /// <param name="isIdle">Whether it has not sent for long.</param>
    public void Review(DeliveryCounts numbers, DeliveryCounts before, bool isIdle, AddressOptions options, DateTimeOffset now)
    {
        var fault = FaultIn(numbers, before, options);
        LastReputationCheck = now;
        ReputationState = numbers.Health(options.MinimumSends) is { } health ? DeliveryCounts.Word(health) : ReputationState;
        CleanSince = fault is null ? CleanSince ?? now : null;
        if (Status is not (AddressStatus.Quarantined or AddressStatus.Burned) && IsOnSpamhaus)
        {
            Quarantine("Spamhaus lists it.", numbers, now);
        }
        else
        {
            Move(fault, numbers, isIdle, options, now);
        }

        if (Status == AddressStatus.Quarantined && QuarantineCount >= MostQuarantines)
        {
            Burn("It is quarantined the second time.", now);
        }
    }

    private void Move(string? fault, DeliveryCounts numbers, bool isIdle, AddressOptions options, DateTimeOffset now)
    {
        switch (Status)
        {
            case AddressStatus.Warming or AddressStatus.Warmed when fault is not null:
                Degrade(fault, numbers, now);
                break;
            case AddressStatus.Degraded when fault is not null && now - StatusSince >= TimeSpan.FromHours(options.DegradedHours):
                Quarantine($"Degraded for {options.DegradedHours} hours, and still: {fault}", numbers, now);
                break;
            case AddressStatus.Degraded:
                Recover(numbers, options, now);
                break;
            case AddressStatus.Quarantined:
                EndQuarantine(options, now);
                break;
            // Its ramp would go on by the calendar, and end far above what it is known for.
            case AddressStatus.Warming or AddressStatus.Warmed when isIdle:
                Release($"It has no domain and has not sent for {options.IdleDays} days.", now);
                break;
            case AddressStatus.Warming:
                CompleteWarmup(numbers, options, now);
                break;
            case AddressStatus.Assigned:
                Release("Its last domain left before it sent.", now);
                break;
        }
    }

    private string? FaultIn(DeliveryCounts numbers, DeliveryCounts before, AddressOptions options)
    {
        var known = numbers.Sent >= options.MinimumSends;
        return string.Join(", ", Listings) is { Length: > 0 } lists ? $"It is listed by {lists}."
            : known && numbers.BouncePercent > options.BounceLimit ? Words(numbers.BouncePercent, "bounced")
            : known && numbers.ComplaintPercent > options.ComplaintLimit ? Words(numbers.ComplaintPercent, "drew complaints")
            : known && before.Sent >= options.MinimumSends && numbers.OpenPercent < before.OpenPercent / 2
                ? $"{Words(numbers.OpenPercent, "was opened")} The three days before: {Percent(before.OpenPercent)}."
            : null;
    }

    private static string Words(decimal percent, string fate) => $"Of three days' mail {Percent(percent)} {fate}.";

    private static string Percent(decimal percent) => string.Create(CultureInfo.InvariantCulture, $"{percent:0.##} %");
}
