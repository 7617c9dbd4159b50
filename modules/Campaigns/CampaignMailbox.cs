namespace PenguinMails.Campaigns;

/// <summary>A mailbox that a campaign spreads its leads over (table <c>campaign_email_accounts</c>).</summary>
internal sealed class CampaignMailbox
{
    public required Guid TenantId { get; init; }
    public required Guid CampaignId { get; init; }
    public required Guid EmailAccountId { get; init; }

    public static CampaignMailbox Of(Campaign campaign, Guid emailAccountId) =>
        new() { TenantId = campaign.TenantId, CampaignId = campaign.Id, EmailAccountId = emailAccountId };
}
