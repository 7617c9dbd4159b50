using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Notifications;

/// <summary>GET /staff/notifications/{id}</summary>
internal static class ReadStaffNotification
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(PlatformDb<StaffDb> platform) : Endpoint<Request, Results<Ok<NotificationResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/staff/notifications/{id}");
            Policies(Contracts.Permissions.NotificationsRead);
        }

        public override async Task<Results<Ok<NotificationResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.notifications");
            return await db.Notifications.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.Id, ct) is { } found
                ? TypedResults.Ok(NotificationResponse.Of(found))
                : Problems.NotFound("Notification");
        }
    }
}
