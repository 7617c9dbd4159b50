using FastEndpoints;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Contracts;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Notifications;

/// <summary>POST /staff/notifications/{id}/resolution</summary>
internal static class ResolveStaffNotification
{
    internal sealed class Endpoint(PlatformDb<StaffDb> platform, TenantScope scope, ISender modules, TimeProvider clock)
        : Endpoint<Resolution, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/notifications/{id}/resolution");
            Policies(Contracts.Permissions.NotificationsResolve);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Resolution request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.notifications");
            if (await request.SettleAsync(db, scope.UserId, clock.GetUtcNow(), ct) is { } problem)
            {
                return problem;
            }

            await modules.Send(
                new RecordAudit("notifications.resolve", "notifications", request.Id.ToString()) { Reason = request.Notes }, CancellationToken.None);
            return TypedResults.NoContent();
        }
    }
}
