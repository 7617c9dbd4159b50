using MediatR;
using PenguinMails.Shared.Database;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>
/// How many of something may the current tenant have? Answered by Billing from the tenant's subscription. Ask before a transaction is
/// open, for whoever holds a connection and waits for another keeps it from others; then count under a lock that the insert shares, and
/// let <see cref="Allowance.Refuse"/> decide.
/// </summary>
/// <param name="Limit">Which limit of the plan.</param>
public sealed record RequireAllowance(PlanLimit Limit) : IRequest<Allowance>;

/// <summary>What a tenant may have of something.</summary>
/// <param name="Standing">The tenant's subscription.</param>
/// <param name="Allowed">Of its plan and its add-ons together; null is unlimited.</param>
/// <param name="Offers">What the plans on sale would allow it, the cheapest first.</param>
public sealed record Allowance(PlanLimit Limit, PlanStanding Standing, long? Allowed, IReadOnlyList<PlanOffer> Offers)
{
    /// <summary>Refuses what would be too much; what is there already is never refused.</summary>
    /// <param name="used">How much there is now.</param>
    /// <param name="more">How much is to be added.</param>
    /// <returns>Null when allowed.</returns>
    public PlanRefusal? Refuse(long used, long more = 1)
    {
        var name = SnakeCase.Of(Limit);
        if (Standing.Hindrance is not null)
        {
            return PlanRefusal.OfPayment(name, Standing) with { Used = used, Allowed = 0 };
        }

        if (Allowed is not { } allowed || used + more <= allowed)
        {
            return null;
        }

        var upgrade = Offers.FirstOrDefault(offer => offer.Allowed is null || used + more <= offer.Allowed)?.Plan;
        return new PlanRefusal(name, $"The plan {Standing.Name} allows {Limit.InWords(allowed)}.", Standing.Plan, upgrade) { Used = used, Allowed = allowed };
    }
}

/// <summary>How a tenant stands with its plan.</summary>
/// <param name="Plan">The plan's slug; null without a subscription.</param>
/// <param name="Name">The plan's name, for people.</param>
/// <param name="Hindrance">Why the subscription gives nothing now, for people; null where it is in force.</param>
public sealed record PlanStanding(string? Plan, string Name, string? Hindrance);

/// <param name="Plan">The slug of a plan on sale.</param>
/// <param name="Allowed">What it would allow the tenant, add-ons included; null is unlimited.</param>
public sealed record PlanOffer(string Plan, long? Allowed);
