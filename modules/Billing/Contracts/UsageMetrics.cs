namespace PenguinMails.Billing.Contracts;

/// <summary>What is counted by month.</summary>
public static class UsageMetrics
{
    /// <summary>Messages that a server accepted; limited by the plan's <c>max_emails_per_month</c>.</summary>
    public const string Emails = "emails";
}
