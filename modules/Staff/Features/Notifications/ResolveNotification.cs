using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared;
using PenguinMails.Staff.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Notifications;

/// <summary>POST /notifications/{id}/resolution: settles one that concerns the tenant, for staff too.</summary>
internal static class ResolveNotification
{
    internal sealed class Endpoint(StaffDb db, TenantScope scope, TimeProvider clock) : Endpoint<Resolution, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/notifications/{id}/resolution");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Resolution request, CancellationToken ct) =>
            await request.SettleAsync(db, scope.UserId, clock.GetUtcNow(), ct) is { } problem ? problem : TypedResults.NoContent();
    }
}
