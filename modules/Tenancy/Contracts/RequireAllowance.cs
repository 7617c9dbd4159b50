using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>May the current tenant have this many of something? Answered by Billing from the tenant's plan.</summary>
/// <param name="Limit">Which limit of the plan.</param>
/// <param name="Total">How many there would be afterwards.</param>
/// <returns>Null when allowed, else why not.</returns>
public sealed record RequireAllowance(PlanLimit Limit, long Total) : IRequest<AllowanceRefusal?>;

/// <summary>The countable limits of a plan, one for each column of <c>plans</c>. Months are UTC's.</summary>
public enum PlanLimit
{
    /// <summary>People of the tenant, and open invitations.</summary>
    Users,

    Domains,

    /// <summary>Campaigns that were launched in the month; a draft is free.</summary>
    CampaignsPerMonth,

    EmailAccounts,

    /// <summary>Messages that a server accepted in the month.</summary>
    EmailsPerMonth,

    /// <summary>Mailboxes in warmup, paused ones too.</summary>
    Warmups,

    /// <summary>Leads, whatever their status.</summary>
    Contacts,

    /// <summary>Bytes of mail, sent and received; counted once an hour.</summary>
    Storage,
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
        PlanLimit.Storage => "bytes of mail",
        _ => throw new InvalidOperationException($"No words for {Limit}."),
    };
}
