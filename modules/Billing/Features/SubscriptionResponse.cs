namespace PenguinMails.Billing.Features;

/// <param name="PendingPlanId">The plan that begins when the period ends.</param>
/// <param name="PastDueSince">Since when a payment is late; a week later it is unpaid.</param>
/// <param name="Canceled">When it ended; ninety days later the tenant is deleted.</param>
internal sealed record SubscriptionResponse(
    Guid Id, PlanName Plan, SubscriptionStatus Status, BillingInterval Interval, DateTimeOffset? CurrentPeriodStart, DateTimeOffset? CurrentPeriodEnd,
    bool CancelAtPeriodEnd, Guid? PendingPlanId, DateTimeOffset? PastDueSince, DateTimeOffset? Canceled)
{
    public static SubscriptionResponse Of(Subscription row) => new(
        row.Id, new PlanName(row.Plan.Id, row.Plan.Slug, row.Plan.Name), row.Status, row.BillingInterval, row.CurrentPeriodStart, row.CurrentPeriodEnd,
        row.CancelAtPeriodEnd, row.PendingPlanId, row.PastDueSince, row.Canceled);
}

internal sealed record PlanName(Guid Id, string Slug, string Name);
