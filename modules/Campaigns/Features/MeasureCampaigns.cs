using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features;

/// <summary>How much of its plan the tenant's leads, campaigns and mail use.</summary>
internal sealed class MeasureCampaigns(CampaignsDb db) : INotificationHandler<MeasureUsage>
{
    public async Task Handle(MeasureUsage measure, CancellationToken ct)
    {
        measure.Add(PlanLimit.Contacts, await db.Leads.LongCountAsync(ct));
        measure.Add(PlanLimit.CampaignsPerMonth, await db.LaunchedInAsync(measure.Month, ct));
        measure.Add(PlanLimit.Storage, await db.StoredBytesAsync(ct));
    }
}
