using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Notifications;

/// <summary>What was said to a tenant goes with it: the host's own role may not delete it, so the purge of its tables passes it by.</summary>
internal sealed class ForgetNotifications(PlatformDb<StaffDb> platform) : INotificationHandler<TenantPurging>
{
    public async Task Handle(TenantPurging purging, CancellationToken ct)
    {
        await using var db = platform.Open("staff.notifications");
        await db.Notifications.Where(row => row.TenantId == purging.TenantId).ExecuteDeleteAsync(ct);
    }
}
