using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns.Leads;

/// <summary>Leads go with their places in lists and campaigns; what was sent to them stays, without them.</summary>
internal static class LeadDeletion
{
    /// <summary>Those that no campaign is writing to: of a message under way or in doubt, the lead is still needed.</summary>
    public static IQueryable<Lead> Deletable(this IQueryable<Lead> leads, CampaignsDb db) => leads.Where(lead => !db.Enrollments.Any(enrollment =>
        enrollment.LeadId == lead.Id
        && (enrollment.Status == EnrollmentStatus.Pending || enrollment.Status == EnrollmentStatus.Active || enrollment.Status == EnrollmentStatus.Paused)
        && db.Campaigns.Any(campaign => campaign.Id == enrollment.CampaignId
            && (campaign.Status == CampaignStatus.Sending || campaign.Status == CampaignStatus.Paused))));
}
