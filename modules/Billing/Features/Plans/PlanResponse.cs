namespace PenguinMails.Billing.Features.Plans;

/// <summary>What a plan sells. A change of these makes a new version of the plan.</summary>
/// <param name="MaxUsers">This and the other limits: null is unlimited.</param>
/// <param name="ApiRateLimit">Requests a minute.</param>
/// <param name="PriceMonthly">In cents; null: not sold by the month.</param>
/// <param name="PriceYearly">In cents; null: not sold by the year.</param>
internal sealed record PlanTerms(
    int? MaxUsers, int? MaxDomains, int? MaxCampaignsPerMonth, int? ApiRateLimit, int? MaxEmailAccounts, int? MaxEmailsPerMonth, int? MaxWarmups,
    int? MaxContacts, int? MaxStorageGb, bool ApiAccess, bool PrioritySupport, bool AdvancedAnalytics, bool WhiteLabel, int? PriceMonthly,
    int? PriceYearly)
{
    public static PlanTerms Of(Plan plan) => new(
        plan.MaxUsers, plan.MaxDomains, plan.MaxCampaignsPerMonth, plan.ApiRateLimit, plan.MaxEmailAccounts, plan.MaxEmailsPerMonth, plan.MaxWarmups,
        plan.MaxContacts, plan.MaxStorageGb, plan.ApiAccess ?? false, plan.PrioritySupport ?? false, plan.AdvancedAnalytics ?? false,
        plan.WhiteLabel ?? false, plan.PriceMonthly, plan.PriceYearly);

    /// <summary>A plan of these terms.</summary>
    public Plan Sell(string slug, string name, int version) => new()
    {
        Id = Guid.CreateVersion7(), Slug = slug, Name = name, Version = version, MaxUsers = MaxUsers, MaxDomains = MaxDomains,
        MaxCampaignsPerMonth = MaxCampaignsPerMonth, ApiRateLimit = ApiRateLimit, MaxEmailAccounts = MaxEmailAccounts,
        MaxEmailsPerMonth = MaxEmailsPerMonth, MaxWarmups = MaxWarmups, MaxContacts = MaxContacts, MaxStorageGb = MaxStorageGb, ApiAccess = ApiAccess,
        PrioritySupport = PrioritySupport, AdvancedAnalytics = AdvancedAnalytics, WhiteLabel = WhiteLabel, PriceMonthly = PriceMonthly,
        PriceYearly = PriceYearly,
    };
}

/// <param name="ReplacedBy">The newer version; who bought this one keeps it.</param>
internal sealed record PlanResponse(
    Guid Id, string Slug, string Name, string? Description, string? Notes, bool IsActive, int Version, Guid? ReplacedBy, string? StripePriceMonthly,
    string? StripePriceYearly, PlanTerms Terms)
{
    public static PlanResponse Of(Plan plan) => new(
        plan.Id, plan.Slug, plan.Name, plan.Description, plan.Notes, plan.IsActive, plan.Version, plan.ReplacedBy, plan.StripePriceMonthly,
        plan.StripePriceYearly, PlanTerms.Of(plan));
}
