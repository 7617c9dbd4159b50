using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Contracts;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Notifications;

internal sealed class SettleNotificationHandler(PlatformDb<StaffDb> platform, TimeProvider clock) : IRequestHandler<SettleNotification>
{
    public async Task Handle(SettleNotification request, CancellationToken ct)
    {
        var key = RaiseNotificationHandler.KeyOf(request.DedupKey, request.TenantId);
        await using var db = platform.Open("notifications");
        await db.Notifications.Where(row => row.DedupKey == key && !row.IsResolved).ExecuteUpdateAsync(
            set => set
                .SetProperty(row => row.IsResolved, true)
                .SetProperty(row => row.Resolved, clock.GetUtcNow())
                .SetProperty(row => row.ResolutionNotes, request.Notes),
            ct);
    }
}
