using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Security.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Security.Features;

/// <summary>GET /security-events: what happened in the tenant, newest first.</summary>
internal static class ListSecurityEvents
{
    internal sealed record Request : SecurityEventRequest;

    internal sealed class Validator : SecurityEventRequestValidator<Request>;

    internal sealed class Endpoint(SecurityDb db, TenantScope scope) : Endpoint<Request, Results<Ok<Page<SecurityEventItem>>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/security-events");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Ok<Page<SecurityEventItem>>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            // The policies also show people their own events outside any tenant; those are not the tenant's.
            var own = db.Events.Where(occurred => occurred.TenantId == scope.RequiredTenantId);
            return await db.PageAsync(own, request, ct) is { } page
                ? TypedResults.Ok(page)
                : Problems.Malformed("cursor", "'cursor' must be the nextCursor of a page.");
        }
    }
}
