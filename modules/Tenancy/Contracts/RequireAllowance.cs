using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>May the current tenant have this many of something? Answered by Billing from the tenant's plan.</summary>
/// <param name="Limit">Which limit of the plan.</param>
/// <param name="Total">How many there would be afterwards.</param>
/// <returns>Null when allowed, else why not.</returns>
public sealed record RequireAllowance(PlanLimit Limit, long Total) : IRequest<AllowanceRefusal?>;

/// <summary>The countable limits of a plan, one for each column of <c>plans</c>.</summary>
public enum PlanLimit
{
    Users,
    Domains,
    CampaignsPerMonth,
    EmailAccounts,
    EmailsPerMonth,
    Warmups,
    Contacts,
}

/// <summary>A plan's no.</summary>
/// <param name="Allowed">What the plan allows.</param>
/// <param name="Plan">The tenant's plan.</param>
public sealed record AllowanceRefusal(PlanLimit Limit, long Allowed, string Plan)
{
    /// <summary>For people.</summary>
    public string Message => $"The plan {Plan} allows {Allowed} {Words()}.";

    private string Words() => Limit switch
    {
        PlanLimit.Users => "users",
        PlanLimit.Domains => "domains",
        PlanLimit.CampaignsPerMonth => "campaigns a month",
        PlanLimit.EmailAccounts => "mailboxes",
        PlanLimit.EmailsPerMonth => "e-mails a month",
        PlanLimit.Warmups => "warmups at once",
        PlanLimit.Contacts => "contacts",
        _ => throw new InvalidOperationException($"No words for {Limit}."),
    };
}
