using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features;

/// <summary>Of a purged tenant's suppressions only the hashes stay.</summary>
internal sealed class ForgetSuppressed(CampaignsDb db) : INotificationHandler<TenantPurging>
{
    public Task Handle(TenantPurging purging, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"UPDATE suppressions SET email = NULL WHERE tenant_id = {purging.TenantId} AND email IS NOT NULL", ct);
}
