using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns.Inbound;

/// <summary>Ends leads' ways through campaigns, beside the senders that may have them in hand.</summary>
internal sealed class EnrollmentExit(CampaignsDb db, TimeProvider clock)
{
    /// <summary>
    /// Ends those that are still open. One whose message is just being sent is left to its sender: what becomes of it must be written, by
    /// whoever holds the lease. One that is only claimed is taken from its sender, which then does not begin. One whose sender is gone is taken over, and its message is in doubt.
    /// </summary>
    /// <returns>False: some are in hand. The caller rolls back and comes again.</returns>
    public async Task<bool> TryAsync(IQueryable<Enrollment> which, ExitReason reason, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var open = which.Where(row => row.Status == EnrollmentStatus.Pending || row.Status == EnrollmentStatus.Active || row.Status == EnrollmentStatus.Paused);
        var found = await open.AsNoTracking().Select(row => new { row.Id, row.CampaignId, row.LeaseOwner, row.LeaseUntil }).ToListAsync(ct);
        var held = found.Where(row => row.LeaseOwner is not null && row.LeaseUntil > now).Select(row => (Guid?)row.Id).ToList();
        if (held.Count > 0 && await db.Messages.AnyAsync(
            row => held.Contains(row.CampaignLeadId) && row.Kind == MessageKind.Campaign && row.Status == MessageStatus.Sending, ct))
        {
            return false;
        }

        var (ids, campaigns) = (found.ConvertAll(row => row.Id), found.Select(row => row.CampaignId).Distinct().ToList());
        var ended = await db.Enrollments.Where(row => ids.Contains(row.Id))
            .ExecuteUpdateAsync(row => row
                .SetProperty(exited => exited.Status, EnrollmentStatus.Exited)
                .SetProperty(exited => exited.ExitReason, reason)
                .SetProperty(exited => exited.NextRun, (DateTimeOffset?)null)
                .SetProperty(exited => exited.WaitsFor, (EventType?)null)
                .SetProperty(exited => exited.LeaseOwner, (Guid?)null)
                .SetProperty(exited => exited.LeaseUntil, (DateTimeOffset?)null), ct);
        if (ended < ids.Count)
        {
            return false;
        }

        await DoubtAsync(found.Where(row => row.LeaseOwner is not null && row.LeaseUntil <= now).Select(row => (Guid?)row.Id).ToList(), ct);
        // With the last of them its campaign is at its end.
        await db.Campaigns.Where(row => campaigns.Contains(row.Id) && row.Status == CampaignStatus.Sending && row.NextDispatch > now)
            .ExecuteUpdateAsync(row => row.SetProperty(campaign => campaign.NextDispatch, now), ct);
        return true;
    }

    private Task DoubtAsync(List<Guid?> abandoned, CancellationToken ct) => abandoned.Count == 0
        ? Task.CompletedTask
        : db.Messages.Where(row => abandoned.Contains(row.CampaignLeadId) && row.Kind == MessageKind.Campaign && row.Status == MessageStatus.Sending)
            .ExecuteUpdateAsync(row => row.SetProperty(message => message.Status, MessageStatus.InDoubt), ct);
}
