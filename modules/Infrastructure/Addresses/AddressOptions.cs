using System.ComponentModel.DataAnnotations;

namespace PenguinMails.Infrastructure.Addresses;

/// <summary>Section <c>Addresses</c>.</summary>
internal sealed record AddressOptions
{
    /// <summary>Sends on an address's first day.</summary>
    [Range(1, 100_000)]
    public int WarmupStart { get; init; } = 50;

    /// <summary>What a day's sends are multiplied by with each step of the ramp.</summary>
    [Range(1.0, 4.0)]
    public double WarmupGrowth { get; init; } = 1.25;

    [Range(1, 30)]
    public int WarmupStepDays { get; init; } = 3;

    [Range(1, 90)]
    public int WarmupDays { get; init; } = 14;

    /// <summary>Sends a day of a warmed address.</summary>
    [Range(1, 1_000_000)]
    public int WarmedCap { get; init; } = 1200;

    /// <summary>The part of a warming address's day that one large receiver may get.</summary>
    [Range(0.01, 1.0)]
    public double ProviderShare { get; init; } = 0.5;

    /// <summary>The part of its day that is left to a degraded address.</summary>
    [Range(0.0, 1.0)]
    public double DegradedShare { get; init; } = 0.5;

    /// <summary>On a shared address. The database knows no more than 8.</summary>
    [Range(1, 8)]
    public int DomainsPerAddress { get; init; } = 8;

    /// <summary>With fewer sends in three days, percentages say nothing.</summary>
    [Range(1, 100_000)]
    public int MinimumSends { get; init; } = 50;

    /// <summary>Above it an address is degraded, in percent of three days' sends.</summary>
    [Range(0.0, 100.0)]
    public decimal BounceLimit { get; init; } = 8;

    /// <summary>The same for complaints.</summary>
    [Range(0.0, 100.0)]
    public decimal ComplaintLimit { get; init; } = 0.2m;

    /// <summary>Without a fault for so long, a degraded address is warmed again.</summary>
    [Range(1, 90)]
    public int CleanDays { get; init; } = 3;

    /// <summary>At fault after so long, a degraded address is quarantined.</summary>
    [Range(1, 720)]
    public int DegradedHours { get; init; } = 72;

    /// <summary>Without a fault for so long, a quarantined address is warmed anew.</summary>
    [Range(1, 365)]
    public int QuarantineDays { get; init; } = 14;

    /// <summary>A warmed address without domains has cooled down when it has not sent for so long.</summary>
    [Range(1, 365)]
    public int IdleDays { get; init; } = 30;

    /// <summary>The part of the warmed addresses' sends a day that should be free.</summary>
    [Range(0.0, 0.9)]
    public double Buffer { get; init; } = 0.2;

    /// <summary>Where the platform's mail server takes mail at each of its addresses.</summary>
    [Range(1, 65535)]
    public int SubmissionPort { get; init; } = 587;
}
