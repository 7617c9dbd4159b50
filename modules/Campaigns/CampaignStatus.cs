namespace PenguinMails.Campaigns;

internal enum CampaignStatus
{
    Draft,
    Scheduled,
    Sending,
    Paused,
    Completed,
}
