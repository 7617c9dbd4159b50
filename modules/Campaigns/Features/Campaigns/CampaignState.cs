namespace PenguinMails.Campaigns.Features.Campaigns;

/// <summary>What a change of state has led to.</summary>
/// <param name="Scheduled">When it begins by itself, while it is scheduled.</param>
internal sealed record CampaignState(Guid Id, CampaignStatus Status, DateTimeOffset? Scheduled, string? PauseReason)
{
    public static CampaignState Of(Campaign campaign) => new(campaign.Id, campaign.Status, campaign.Scheduled, campaign.PauseReason);
}
