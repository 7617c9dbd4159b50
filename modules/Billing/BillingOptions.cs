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
}
