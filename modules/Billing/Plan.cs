using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing;

/// <summary>What is sold. Prices are in cents; a limit that is null is unlimited.</summary>
internal sealed class Plan
{
    public required Guid Id { get; init; }
    public required string Name { get; set; }
    public required string Slug { get; set; }
    public string? Description { get; set; }
    public string? Notes { get; set; }
    public int? MaxUsers { get; init; }
    public int? MaxDomains { get; init; }
    public int? MaxCampaignsPerMonth { get; init; }
    public int? ApiRateLimit { get; init; }
    public int? MaxEmailAccounts { get; init; }
    public int? MaxEmailsPerMonth { get; init; }
    public int? MaxWarmups { get; init; }
    public int? MaxContacts { get; init; }
    public int? MaxStorageGb { get; init; }
    public bool? ApiAccess { get; init; }
    public bool? PrioritySupport { get; init; }
    public bool? AdvancedAnalytics { get; init; }
    public bool? WhiteLabel { get; init; }
    public int? PriceMonthly { get; init; }
    public int? PriceYearly { get; init; }
    public bool IsActive { get; set; }

    /// <summary>Which terms of this plan these are: who bought the earlier ones keeps them.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The plan with the newer terms.</summary>
    public Guid? ReplacedBy { get; set; }
    public string? StripePriceMonthly { get; set; }
    public string? StripePriceYearly { get; set; }

    /// <summary>Of a whole interval, in cents; null where it is not sold so.</summary>
    public int? PriceOf(BillingInterval interval) => interval == BillingInterval.Year ? PriceYearly : PriceMonthly;

    /// <summary>What it costs by the month, or where it is sold by the year only, a twelfth of that, in cents.</summary>
    public decimal? PricePerMonth => PriceMonthly ?? PriceYearly / 12m;

    /// <summary>Stripe's price; null where there is none.</summary>
    public string? StripePriceOf(BillingInterval interval) => interval == BillingInterval.Year ? StripePriceYearly : StripePriceMonthly;

    /// <summary>How many it allows; null where it sets no limit.</summary>
    public long? LimitOf(PlanLimit limit) => limit switch
    {
        PlanLimit.Users => MaxUsers,
        PlanLimit.Domains => MaxDomains,
        PlanLimit.CampaignsPerMonth => MaxCampaignsPerMonth,
        PlanLimit.EmailAccounts => MaxEmailAccounts,
        PlanLimit.EmailsPerMonth => MaxEmailsPerMonth,
        PlanLimit.Warmups => MaxWarmups,
        PlanLimit.Contacts => MaxContacts,
        PlanLimit.Storage => MaxStorageGb * PlanLimitWords.BytesPerGb,
        _ => throw new InvalidOperationException($"No column for {limit}."),
    };

    public bool Has(PlanFeature feature) => feature switch
    {
        PlanFeature.ApiAccess => ApiAccess,
        PlanFeature.PrioritySupport => PrioritySupport,
        PlanFeature.AdvancedAnalytics => AdvancedAnalytics,
        PlanFeature.WhiteLabel => WhiteLabel,
        _ => throw new InvalidOperationException($"No column for {feature}."),
    } ?? false;
}
