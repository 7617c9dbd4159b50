using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Notifications;

/// <summary>GET /staff/notifications: the platform's and every tenant's, open ones where nothing else is asked for, newest first.</summary>
internal static class ListStaffNotifications
{
    private static readonly string[] Statuses = ["open", "resolved", "all"];

    internal sealed record Request : IPageRequest
    {
        [QueryParam]
        public string? Status { get; init; }

        [QueryParam]
        public string? Severity { get; init; }

        [QueryParam]
        public string? Category { get; init; }

        [QueryParam]
        public Guid? TenantId { get; init; }

        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }
    }

    internal sealed class Validator : PageValidator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Status).Must(status => status is null || Statuses.Contains(status))
                .WithMessage($"'status' must be one of {string.Join(", ", Statuses)}.");
            RuleFor(request => request.Severity).Must(severity => severity is null || SystemNotification.Severities.Contains(severity))
                .WithMessage($"'severity' must be one of {string.Join(", ", SystemNotification.Severities)}.");
            RuleFor(request => request.Category).MaximumLength(100);
        }
    }

    internal sealed class Endpoint(PlatformDb<StaffDb> platform) : Endpoint<Request, Results<Ok<Page<NotificationResponse>>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/staff/notifications");
            Policies(Contracts.Permissions.NotificationsRead);
        }

        public override async Task<Results<Ok<Page<NotificationResponse>>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.notifications");
            if (await Wanted(db, request).OrderedAsync(db, request, ct) is not { } rows)
            {
                return Problems.Malformed("cursor", "'cursor' must be the nextCursor of a page.");
            }

            return TypedResults.Ok(await rows
                .Select(row => new NotificationResponse(
                    row.Id, row.TenantId, row.Category, row.Title, row.Message, row.Severity, row.AlertCount, row.FirstOccurrence,
                    row.LastOccurrence, row.AutoResolveAfter, row.IsResolved, row.Resolved, row.ResolvedBy, row.ResolutionNotes))
                .CutPageAsync(request, item => item.Id, ct));
        }

        private static IQueryable<SystemNotification> Wanted(StaffDb db, Request request)
        {
            bool? isResolved = request.Status == "all" ? null : request.Status == "resolved";
            return db.Notifications
                .Where(row => isResolved == null || row.IsResolved == isResolved)
                .Where(row => request.Severity == null || row.Severity == request.Severity)
                .Where(row => request.Category == null || row.Category == request.Category)
                .Where(row => request.TenantId == null || row.TenantId == request.TenantId);
        }
    }
}
