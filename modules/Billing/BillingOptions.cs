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

    /// <summary>What one of each add-on costs.</summary>
    public Dictionary<AddonType, AddonPrice> Addons { get; init; } = new()
    {
        [AddonType.DedicatedIp] = new() { Monthly = 2900 },
        [AddonType.ExtraEmails] = new() { Monthly = 1900 },
        [AddonType.ExtraUsers] = new() { Monthly = 900 },
        [AddonType.ExtraDomains] = new() { Monthly = 500 },
    };

    /// <summary>The page of the front end that Stripe leads back to; absent: <c>Sending:PublicUrl</c>.</summary>
    public Uri? ReturnUrl { get; init; }

    /// <summary>The add-on that Stripe has this price for; null where none has it.</summary>
    public AddonType? AddonOf(string stripePrice) => Addons
        .Where(addon => addon.Value.StripePrice == stripePrice || addon.Value.StripePriceYearly == stripePrice)
        .Select(addon => (AddonType?)addon.Key).FirstOrDefault();
}

/// <summary>The price of one, with Stripe's prices for it: without them it is not sold through Stripe.</summary>
internal sealed record AddonPrice
{
    /// <summary>In cents.</summary>
    [Range(0, 1_000_000)]
    public int Monthly { get; init; }
    public string? StripePrice { get; init; }
    public string? StripePriceYearly { get; init; }

    public string? StripePriceOf(BillingInterval interval) => interval == BillingInterval.Year ? StripePriceYearly : StripePrice;
}
