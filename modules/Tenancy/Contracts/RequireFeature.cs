using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>May the current tenant use a feature? Answered by Billing from the tenant's subscription.</summary>
/// <returns>Null when it may, else why not.</returns>
public sealed record RequireFeature(PlanFeature Feature) : IRequest<PlanRefusal?>;

/// <summary>What a plan has or has not, one for each such column of <c>plans</c>.</summary>
public enum PlanFeature
{
    /// <summary>API keys: their making and their use.</summary>
    ApiAccess,

    PrioritySupport,

    /// <summary>Numbers by mailbox and by the recipients' provider.</summary>
    AdvancedAnalytics,

    /// <summary>Links that lead through a name of the tenant's own.</summary>
    WhiteLabel,
}
