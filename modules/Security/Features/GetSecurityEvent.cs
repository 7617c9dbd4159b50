using System.Text.Json;
using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Security.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;

namespace PenguinMails.Security.Features;

/// <summary>GET /staff/security-events/{id}: all that is known of one event.</summary>
internal static class GetSecurityEvent
{
    internal sealed record Request(Guid Id);

    /// <param name="ChainPosition">Null until the event is sealed.</param>
    internal sealed record Response(
        Guid Id, string EventType, string Severity, bool Success, string? FailureReason, Guid? TenantId, Guid? UserId, string? IpAddress,
        string? UserAgent, string? Action, string? ResourceType, string? ResourceId, JsonElement? Details, DateTimeOffset Created,
        long? ChainPosition, string? ChainHash);

    internal sealed class Endpoint(PlatformDb<SecurityDb> platform) : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/staff/security-events/{id:guid}");
            Policies(Staff.Contracts.Permissions.SecurityRead);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.security-events");
            return await db.Events.AsNoTracking().SingleOrDefaultAsync(occurred => occurred.Id == request.Id, ct) is { } found
                ? TypedResults.Ok(ResponseOf(found))
                : Problems.NotFound("Security event");
        }

        private static Response ResponseOf(SecurityEvent found) => new(
            found.Id, found.EventType, found.Severity, found.Success, found.FailureReason, found.TenantId, found.UserId, found.IpAddress?.ToString(),
            found.UserAgent, found.ActionAttempted, found.ResourceType, found.ResourceId,
            found.Metadata is null ? null : JsonElement.Parse(found.Metadata), found.Created,
            found.ChainPosition, found.ChainHash is null ? null : Convert.ToHexStringLower(found.ChainHash));
    }
}
