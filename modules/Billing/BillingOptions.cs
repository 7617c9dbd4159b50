using System.ComponentModel.DataAnnotations;

namespace PenguinMails.Billing;

internal sealed record BillingOptions
{
    public const string Section = "Billing";

    /// <summary>The slug of the plan that a new tenant starts on.</summary>
    [Required]
    public string DefaultPlan { get; init; } = "starter";

    /// <summary>E-mails a month that each <c>extra_emails</c> brings.</summary>
    [Range(1, 10_000_000)]
    public int ExtraEmails { get; init; } = 10_000;

    /// <summary>Users that each <c>extra_users</c> brings.</summary>
    [Range(1, 10_000)]
    public int ExtraUsers { get; init; } = 1;

    /// <summary>Domains that each <c>extra_domains</c> brings.</summary>
    [Range(1, 10_000)]
    public int ExtraDomains { get; init; } = 1;

    /// <summary>By how much one add-on raises the limit that it raises.</summary>
    public long UnitOf(AddonType type) => type switch
    {
        AddonType.ExtraEmails => ExtraEmails,
        AddonType.ExtraUsers => ExtraUsers,
        AddonType.ExtraDomains => ExtraDomains,
        _ => 0,
    };

    /// <summary>What one of each add-on costs a month, in cents.</summary>
    public Dictionary<AddonType, AddonPrice> Addons { get; init; } = new()
    {
        [AddonType.DedicatedIp] = new(2900, null),
        [AddonType.ExtraEmails] = new(1900, null),
        [AddonType.ExtraUsers] = new(900, null),
        [AddonType.ExtraDomains] = new(500, null),
    };

    /// <summary>The page of the front end that Stripe leads back to; absent: the host's own root.</summary>
    public Uri? ReturnUrl { get; init; }
}

/// <param name="Monthly">Of one, in cents.</param>
/// <param name="StripePrice">Stripe's price for it; absent: it cannot be sold through Stripe.</param>
internal sealed record AddonPrice(int Monthly, string? StripePrice);
