using System.ComponentModel.DataAnnotations;

namespace PenguinMails.Security;

/// <summary>Section <c>Security</c>: how many failed log-ins, within how long, are somebody guessing.</summary>
internal sealed record SecurityOptions
{
    public const string Section = "Security";

    [Range(1, 60)]
    public int BruteForceMinutes { get; init; } = 15;

    [Range(1, 10_000)]
    public int FailuresPerAddress { get; init; } = 5;

    [Range(1, 10_000)]
    public int FailuresPerUser { get; init; } = 5;

    /// <summary>More than a person's: some of a tenant's people mistype theirs every morning.</summary>
    [Range(1, 10_000)]
    public int FailuresPerTenant { get; init; } = 20;
}
