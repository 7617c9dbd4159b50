using System.ComponentModel.DataAnnotations;

namespace PenguinMails.Tenancy.Limits;

/// <summary>Section <c>RateLimits</c>: requests a minute by one address. A tenant's own limit is its plan's.</summary>
internal sealed record RateLimitOptions
{
    public const string Section = "RateLimits";

    /// <summary>To <c>/auth</c>: log-in, sign-up and their like.</summary>
    [Range(1, 1_000_000)]
    public int LogInsPerMinute { get; init; } = 20;

    /// <summary>To the rest of the API without a credential that holds.</summary>
    [Range(1, 1_000_000)]
    public int AnonymousPerMinute { get; init; } = 120;
}
