namespace PenguinMails.Billing;

/// <summary>How much of something a tenant used in a month.</summary>
internal sealed class UsageCounter
{
    /// <summary>The metric of messages that a server accepted; limited by the plan's <c>max_emails_per_month</c>.</summary>
    public const string Emails = "emails";

    public required Guid TenantId { get; init; }
    public required string Metric { get; init; }
    public required DateOnly PeriodStart { get; init; }
    public long Used { get; init; }
}
