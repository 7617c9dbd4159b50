using System.Globalization;

namespace PenguinMails.Tenancy.Contracts;

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

/// <summary>Limits as people read them.</summary>
public static class PlanLimitWords
{
    /// <summary>A GB as disks and clouds sell it.</summary>
    public const long BytesPerGb = 1_000_000_000;

    /// <summary>Whether it is counted by month, and begins anew with each.</summary>
    public static bool IsByMonth(this PlanLimit limit) => limit is PlanLimit.CampaignsPerMonth or PlanLimit.EmailsPerMonth;

    /// <summary>So many of it, such as <c>20 campaigns a month</c>.</summary>
    public static string InWords(this PlanLimit limit, long amount) => limit switch
    {
        PlanLimit.Users => $"{amount} users",
        PlanLimit.Domains => $"{amount} domains",
        PlanLimit.CampaignsPerMonth => $"{amount} campaigns a month",
        PlanLimit.EmailAccounts => $"{amount} mailboxes",
        PlanLimit.EmailsPerMonth => $"{amount} e-mails a month",
        PlanLimit.Warmups => $"{amount} warmups at once",
        PlanLimit.Contacts => $"{amount} contacts",
        PlanLimit.Storage => string.Create(CultureInfo.InvariantCulture, $"{(decimal)amount / BytesPerGb:0.###} GB of mail"),
        _ => throw new InvalidOperationException($"No words for {limit}."),
    };
}
