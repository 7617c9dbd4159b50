using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Notifications;

/// <summary>GET /notifications: what is open and concerns the tenant, newest first.</summary>
internal static class ListNotifications
{
    internal sealed record Item(
        Guid Id, string Category, string Title, string Message, string Severity, int AlertCount,
        DateTimeOffset FirstOccurrence, DateTimeOffset LastOccurrence);

    internal sealed class Endpoint(StaffDb db) : Endpoint<PageRequest, Results<Ok<Page<Item>>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/notifications");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<Page<Item>>, ProblemHttpResult>> ExecuteAsync(PageRequest request, CancellationToken ct)
        {
            var open = db.Notifications.Where(notification => !notification.IsResolved);
            if (request.Cursor is { } cursor && Paging.TryDecode(cursor, out var last))
            {
                // Ids made by the database are not of version 7, so the time goes before them; the cursor is the last row's id.
                if (await CreatedAsync(last, ct) is not { } created)
                {
                    return Problems.Malformed("cursor", "'cursor' must be the nextCursor of a page.");
                }

                open = open.Where(notification => EF.Functions.LessThan(
                    ValueTuple.Create(notification.Created, notification.Id), ValueTuple.Create(created, last)));
            }

            return TypedResults.Ok(await PageOfAsync(open, request, ct));
        }

        private Task<DateTimeOffset?> CreatedAsync(Guid id, CancellationToken ct) => db.Notifications
            .Where(notification => notification.Id == id)
            .Select(notification => (DateTimeOffset?)notification.Created)
            .SingleOrDefaultAsync(ct);

        private static Task<Page<Item>> PageOfAsync(IQueryable<SystemNotification> open, PageRequest request, CancellationToken ct) => open
            .OrderByDescending(notification => notification.Created).ThenByDescending(notification => notification.Id)
            .Select(notification => new Item(
                notification.Id, notification.Category, notification.Title, notification.Message, notification.Severity,
                notification.AlertCount, notification.FirstOccurrence, notification.LastOccurrence))
            .CutPageAsync(request, item => item.Id, ct);
    }
}
