using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared.Http;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>A subscription's no, to so many or to a feature.</summary>
/// <param name="Limit">Which limit or feature, such as <c>campaigns_per_month</c>.</param>
/// <param name="Message">For people.</param>
/// <param name="Plan">The slug of the tenant's plan; null without a subscription.</param>
/// <param name="UpgradeTo">The slug of the cheapest plan on sale that would allow it; null where none would.</param>
public sealed record PlanRefusal(string Limit, string Message, string? Plan, string? UpgradeTo)
{
    /// <summary>The subscription is not in force: no other plan would help, a payment does.</summary>
    public bool NeedsPayment { get; init; }

    /// <summary>How much there is now; null for a feature.</summary>
    public long? Used { get; init; }

    /// <summary>How much there may be; null for a feature.</summary>
    public long? Allowed { get; init; }

    /// <summary>The no of a subscription that gives nothing now.</summary>
    public static PlanRefusal OfPayment(string limit, PlanStanding standing) => new(limit, standing.Hindrance!, standing.Plan, null) { NeedsPayment = true };

    /// <summary>
    /// 422, or 402 where the subscription is not in force, with <c>limit</c>, <c>used</c>, <c>allowed</c>, <c>plan</c> and <c>upgradeTo</c>
    /// beside the field's error.
    /// </summary>
    /// <param name="field">The request's field that asked for too much.</param>
    public ProblemHttpResult ToProblem(string field) => ToProblem(new Dictionary<string, string[]> { [field] = [Message] });

    /// <summary>The same, where other fields are wrong as well.</summary>
    public ProblemHttpResult ToProblem(IDictionary<string, string[]> errors) => Problems.Refused(
        NeedsPayment ? StatusCodes.Status402PaymentRequired : StatusCodes.Status422UnprocessableEntity,
        errors,
        new Dictionary<string, object?> { ["limit"] = Limit, ["used"] = Used, ["allowed"] = Allowed, ["plan"] = Plan, ["upgradeTo"] = UpgradeTo });
}
