using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Security.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;

namespace PenguinMails.Security.Features;

/// <summary>GET /staff/security-events: what happened in all tenants and outside them, newest first.</summary>
internal static class ListAllSecurityEvents
{
    internal sealed record Request : SecurityEventRequest
    {
        [QueryParam]
        public Guid? TenantId { get; init; }
    }

    internal sealed class Validator : SecurityEventRequestValidator<Request>;

    internal sealed class Endpoint(PlatformDb<SecurityDb> platform) : Endpoint<Request, Results<Ok<Page<SecurityEventItem>>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/staff/security-events");
            Policies(Staff.Contracts.Permissions.SecurityRead);
        }

        public override async Task<Results<Ok<Page<SecurityEventItem>>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.security-events");
            var events = db.Events.Where(occurred => request.TenantId == null || occurred.TenantId == request.TenantId);
            return await db.PageAsync(events, request, ct) is { } page
                ? TypedResults.Ok(page)
                : Problems.Malformed("cursor", "'cursor' must be the nextCursor of a page.");
        }
    }
}
