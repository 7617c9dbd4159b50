using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Notifications;

/// <summary>GET /notifications: what is open and concerns the tenant, newest first.</summary>
internal static class ListNotifications
{
    internal sealed record Item(
        Guid Id, string Category, string Title, string Message, string Severity, int AlertCount,
        DateTimeOffset FirstOccurrence, DateTimeOffset LastOccurrence, bool IsResolved)
    {
        public static Item Of(SystemNotification row) => new(
            row.Id, row.Category, row.Title, row.Message, row.Severity, row.AlertCount, row.FirstOccurrence, row.LastOccurrence, row.IsResolved);
    }

    internal sealed class Endpoint(StaffDb db) : Endpoint<PageRequest, Results<Ok<Page<Item>>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/notifications");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<Page<Item>>, ProblemHttpResult>> ExecuteAsync(PageRequest request, CancellationToken ct)
        {
            if (await db.Notifications.Where(row => !row.IsResolved).OrderedAsync(db, request, ct) is not { } open)
            {
                return Problems.Malformed("cursor", "'cursor' must be the nextCursor of a page.");
            }

            return TypedResults.Ok(await open
                .Select(row => new Item(
                    row.Id, row.Category, row.Title, row.Message, row.Severity, row.AlertCount, row.FirstOccurrence, row.LastOccurrence, row.IsResolved))
                .CutPageAsync(request, item => item.Id, ct));
        }
    }
}
