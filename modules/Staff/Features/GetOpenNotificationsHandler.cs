using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Contracts;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features;

internal sealed class GetOpenNotificationsHandler(PlatformDb<StaffDb> platform) : IRequestHandler<GetOpenNotifications, IReadOnlyList<OpenNotification>>
{
    public async Task<IReadOnlyList<OpenNotification>> Handle(GetOpenNotifications request, CancellationToken ct)
    {
        await using var db = platform.Open("staff.notifications");
        return await db.Database.SqlQuery<OpenNotification>($"""
            SELECT dedup_key, message, metadata::text, last_occurrence
            FROM system_notifications
            WHERE NOT is_resolved AND tenant_id IS NULL AND starts_with(dedup_key, {request.DedupKeyPrefix})
            """).ToListAsync(ct);
    }
}
