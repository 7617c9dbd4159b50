using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Notifications;

/// <summary>Pages of notifications. Ids made by the database are not of version 7, so the time goes before them; the cursor is the last row's id.</summary>
internal static class NotificationPages
{
    /// <returns>The page's rows in order, not limited yet; null when the cursor is of no notification.</returns>
    public static async Task<IQueryable<SystemNotification>?> OrderedAsync(
        this IQueryable<SystemNotification> wanted, StaffDb db, IPageRequest request, CancellationToken ct)
    {
        var ordered = wanted.OrderByDescending(row => row.Created).ThenByDescending(row => row.Id);
        if (request.Cursor is not { } cursor || !Paging.TryDecode(cursor, out var last))
        {
            return ordered;
        }

        var found = await db.Notifications.Where(row => row.Id == last).Select(row => (DateTimeOffset?)row.Created).SingleOrDefaultAsync(ct);
        return found is { } created
            ? ordered.Where(row => EF.Functions.LessThan(ValueTuple.Create(row.Created, row.Id), ValueTuple.Create(created, last)))
            : null;
    }
}
