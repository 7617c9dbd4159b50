using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Notifications;

/// <summary>GET /staff/notifications/stream: server-sent events of the platform's and every tenant's, as for tenants.</summary>
internal static class StreamStaffNotifications
{
    internal sealed class Endpoint(PlatformDb<StaffDb> platform, NotificationStream stream)
        : EndpointWithoutRequest<ServerSentEventsResult<NotificationResponse?>>
    {
        public override void Configure()
        {
            Get("/staff/notifications/stream");
            Policies(Contracts.Permissions.NotificationsRead);
        }

        public override Task<ServerSentEventsResult<NotificationResponse?>> ExecuteAsync(CancellationToken ct) =>
            Task.FromResult(TypedResults.ServerSentEvents(FollowAsync(ct)));

        private async IAsyncEnumerable<SseItem<NotificationResponse?>> FollowAsync([EnumeratorCancellation] CancellationToken ct)
        {
            await using var db = platform.Open("staff.notifications");
            await foreach (var item in stream.FollowAsync(
                HttpContext, Contracts.Permissions.NotificationsRead, db.Notifications, NotificationResponse.Of, ct))
            {
                yield return item;
            }
        }
    }
}
