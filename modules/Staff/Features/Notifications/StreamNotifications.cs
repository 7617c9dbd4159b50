using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Staff.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Notifications;

/// <summary>GET /notifications/stream: server-sent events of what concerns the tenant, <c>notification</c> and now and then <c>heartbeat</c>.</summary>
internal static class StreamNotifications
{
    internal sealed class Endpoint(StaffDb db, NotificationStream stream) : EndpointWithoutRequest<ServerSentEventsResult<ListNotifications.Item?>>
    {
        public override void Configure()
        {
            Get("/notifications/stream");
            Policies(AccessPolicies.Viewer);
        }

        public override Task<ServerSentEventsResult<ListNotifications.Item?>> ExecuteAsync(CancellationToken ct) => Task.FromResult(
            TypedResults.ServerSentEvents(stream.FollowAsync(HttpContext, AccessPolicies.Viewer, db.Notifications, ListNotifications.Item.Of, ct)));
    }
}
