using Microsoft.EntityFrameworkCore;

namespace PenguinMails.Campaigns.Data;

internal static class CampaignLock
{
    /// <summary>
    /// The campaign, which nobody else changes, launches or pauses until the caller's transaction ends: what is allowed in one state
    /// is not done in another. Messages and enrollments are not kept waiting.
    /// </summary>
    /// <returns>Null where the tenant has none of this id.</returns>
    public static Task<Campaign?> LockCampaignAsync(this CampaignsDb db, Guid id, CancellationToken ct) =>
        db.Campaigns.FromSql($"SELECT * FROM campaigns WHERE id = {id} FOR NO KEY UPDATE").SingleOrDefaultAsync(ct);
}
