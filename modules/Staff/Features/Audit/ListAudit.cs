using System.Text.Json;
using FastEndpoints;
using FluentValidation;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Audit;

/// <summary>GET /staff/audit-log: what staff did, newest first.</summary>
internal static class ListAudit
{
    internal sealed record Request : IPageRequest
    {
        [QueryParam]
        public Guid? ActorUserId { get; init; }

        [QueryParam]
        public Guid? TenantId { get; init; }

        [QueryParam]
        public string? Action { get; init; }

        [QueryParam]
        public DateTimeOffset? From { get; init; }

        /// <summary>Not included itself.</summary>
        [QueryParam]
        public DateTimeOffset? To { get; init; }

        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }
    }

    /// <param name="ActorUserId">Null for a job, or once the account is gone.</param>
    /// <param name="ElevationId">The elevated access it was done under.</param>
    /// <param name="ChainPosition">Null until it is sealed.</param>
    internal sealed record Item(
        Guid Id, Guid? ActorUserId, Guid? TenantId, Guid? ElevationId, string Action, string? ResourceType, string? ResourceId, string? Reason,
        string? IpAddress, JsonElement? Details, DateTimeOffset Created, long? ChainPosition);

    internal sealed class Validator : PageValidator<Request>
    {
        public Validator() => RuleFor(request => request.Action).MaximumLength(100);
    }

    internal sealed class Endpoint(PlatformDb<StaffDb> platform) : Endpoint<Request, Page<Item>>
    {
        public override void Configure()
        {
            Get("/staff/audit-log");
            Policies(Contracts.Permissions.AuditRead);
        }

        public override async Task<Page<Item>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.audit");
            var page = await Wanted(db, request).ToPageAsync(request, entry => entry.Id, entry => entry, entry => entry.Id, ct);
            return new Page<Item>([.. page.Items.Select(ItemOf)], page.NextCursor);
        }

        private static IQueryable<AuditEntry> Wanted(StaffDb db, Request request)
        {
            var (from, to) = (request.From?.ToUniversalTime(), request.To?.ToUniversalTime());
            return db.Audit
                .Where(entry => request.ActorUserId == null || entry.ActorUserId == request.ActorUserId)
                .Where(entry => request.TenantId == null || entry.TenantId == request.TenantId)
                .Where(entry => request.Action == null || entry.Action == request.Action)
                .Where(entry => from == null || entry.Created >= from)
                .Where(entry => to == null || entry.Created < to);
        }

        private static Item ItemOf(AuditEntry entry) => new(
            entry.Id, entry.ActorUserId, entry.TenantId, entry.ElevationId, entry.Action, entry.ResourceType, entry.ResourceId, entry.Reason,
            entry.IpAddress?.ToString(), entry.Metadata is { } details ? JsonSerializer.Deserialize<JsonElement>(details) : null, entry.Created,
            entry.ChainPosition);
    }
}
