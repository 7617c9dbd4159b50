namespace PenguinMails.Campaigns;

/// <summary>A campaign's numbers of a day, UTC, by step, variant, mailbox and receiver (table <c>olap.campaign_daily</c>).</summary>
internal sealed class CampaignDay
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required Guid CampaignId { get; init; }
    public required DateOnly Day { get; init; }
    public Guid? StepId { get; init; }
    public Guid? VariantId { get; init; }
    public Guid? EmailAccountId { get; init; }
    public string? Provider { get; init; }
    public int Sent { get; init; }
    public int Delivered { get; init; }
    public int Opened { get; init; }
    public int Clicked { get; init; }
    public int Replied { get; init; }
    public int Bounced { get; init; }
    public int Complained { get; init; }
    public int Unsubscribed { get; init; }
    public int Deferred { get; init; }
    public int Failed { get; init; }
}
