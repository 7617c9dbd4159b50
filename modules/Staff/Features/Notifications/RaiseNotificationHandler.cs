using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Staff.Contracts;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Notifications;

internal sealed class RaiseNotificationHandler(StaffDb db) : IRequestHandler<RaiseNotification>
{
    public async Task Handle(RaiseNotification request, CancellationToken ct)
    {
        var key = KeyOf(request.DedupKey, request.TenantId);
        await db.Database.ExecuteSqlAsync(
            $"""
            SELECT raise_notification({request.Category}, {request.Title}, {request.Message}, {request.Severity}, {key}, {request.TenantId}::uuid,
                p_auto_resolve_after => {request.AutoResolveAfter}::interval)
            """,
            ct);
    }
    // The tenant is part of the key: one tenant's words must never land on another's row.
    public static string KeyOf(string dedupKey, Guid? tenantId) => $"{dedupKey}:{tenantId?.ToString() ?? "-"}";
}
