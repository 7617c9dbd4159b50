using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing;

/// <summary>What is sold. Prices are in cents; a limit that is null is unlimited.</summary>
internal sealed class Plan
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public required string Slug { get; init; }
    public string? Description { get; init; }
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
    public bool IsActive { get; init; }

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
