using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing;

internal enum AddonType
{
    DedicatedIp,
    ExtraEmails,
    ExtraUsers,
    ExtraDomains,
}

internal static class AddonTypes
{
    extension(AddonType type)
    {
        /// <summary>The limit of the plan that it raises; null where it raises none.</summary>
        public PlanLimit? Raises => type switch
        {
            AddonType.ExtraEmails => PlanLimit.EmailsPerMonth,
            AddonType.ExtraUsers => PlanLimit.Users,
            AddonType.ExtraDomains => PlanLimit.Domains,
            _ => null,
        };
    }
}

/// <summary>What a subscription has besides its plan.</summary>
internal sealed class SubscriptionAddon
{
    public required string Id { get; init; }
    public required Guid TenantId { get; init; }
    public required Guid SubscriptionId { get; init; }
    public required AddonType AddonType { get; init; }
    public required int Quantity { get; set; }

    /// <summary>Of one unit, in whole units of the currency.</summary>
    public decimal? PriceMonthly { get; set; }
    public string? StripePriceId { get; set; }
    public bool IsActive { get; set; } = true;
}
