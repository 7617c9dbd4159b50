using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing;

internal enum SubscriptionStatus
{
    Active,
    PastDue,
    Canceled,
    Unpaid,
}

/// <summary>A tenant's plan and how it stands with its payment. A tenant has one that is not canceled, at most.</summary>
internal sealed class Subscription
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required Guid PlanId { get; init; }
    public Plan Plan { get; private set; } = null!;
    public SubscriptionStatus Status { get; private set; }
    public DateTimeOffset? CurrentPeriodStart { get; private set; }
    public DateTimeOffset? CurrentPeriodEnd { get; private set; }
    public bool CancelAtPeriodEnd { get; private set; }
    public List<SubscriptionAddon> Addons { get; } = [];

    /// <summary>Whether it gives what the plan promises: a late payment has its days of grace, an unpaid one is read-only.</summary>
    public bool IsInForce => Status is SubscriptionStatus.Active or SubscriptionStatus.PastDue;

    /// <summary>What a plan, this one's or another, allows together with this one's add-ons; null is unlimited.</summary>
    public long? AllowedOn(Plan plan, PlanLimit limit, BillingOptions options) => plan.LimitOf(limit) is { } own
        ? own + Addons.Where(addon => addon.IsActive && addon.Raises == limit).Sum(addon => addon.Quantity * options.UnitOf(addon.AddonType))
        : null;

    /// <summary>An active one for a month from now, without Stripe.</summary>
    public static Subscription Start(Guid tenantId, Guid planId, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(),
        TenantId = tenantId,
        PlanId = planId,
        Status = SubscriptionStatus.Active,
        CurrentPeriodStart = now,
        CurrentPeriodEnd = now.AddMonths(1),
    };
}
