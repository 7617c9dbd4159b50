using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Infrastructure.Contracts;

namespace PenguinMails.Campaigns.Features;

internal sealed class ReleaseMailboxHandler(CampaignsDb db) : IRequestHandler<ReleaseMailbox, IReadOnlyList<string>>
{
    public async Task<IReadOnlyList<string>> Handle(ReleaseMailbox request, CancellationToken ct)
    {
        var needing = await db.Campaigns
            .Where(campaign => campaign.Status != CampaignStatus.Completed)
            .Where(campaign => db.Mailboxes.Any(row => row.CampaignId == campaign.Id && row.EmailAccountId == request.EmailAccountId)
                || db.Steps.Any(step => step.CampaignId == campaign.Id && step.EmailAccountId == request.EmailAccountId))
            .OrderBy(campaign => campaign.Name).Take(10)
            .Select(campaign => campaign.Name)
            .ToListAsync(ct);
        if (needing.Count == 0)
        {
            // The steps of those that remain are history.
            await db.Steps.Where(step => step.EmailAccountId == request.EmailAccountId)
                .ExecuteUpdateAsync(step => step.SetProperty(row => row.EmailAccountId, (Guid?)null), ct);
        }

        return needing;
    }
}
