using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Security.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Security.Features;

/// <summary>GET /security-events: what happened in the tenant, newest first.</summary>
internal static class ListSecurityEvents
{
    internal sealed record Request : IPageRequest
    {
        [QueryParam]
        public string? EventType { get; init; }

        [QueryParam]
        public string? Severity { get; init; }

        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }
    }

    internal sealed record Item(
        Guid Id, string EventType, string Severity, bool Success, string? FailureReason, Guid? UserId, string? IpAddress, string? UserAgent,
        DateTimeOffset Created);

    internal sealed class Validator : PageValidator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.EventType).MaximumLength(50);
            RuleFor(request => request.Severity)
                .Must(severity => severity is null or SecurityEvent.Low or SecurityEvent.Medium or SecurityEvent.High or SecurityEvent.Critical)
                .WithMessage("'severity' must be low, medium, high or critical.");
        }
    }

    internal sealed class Endpoint(SecurityDb db, TenantScope scope) : Endpoint<Request, Results<Ok<Page<Item>>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/security-events");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Ok<Page<Item>>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            // The policies also show people their own events outside any tenant; those are not the tenant's.
            var events = db.Events.Where(occurred => occurred.TenantId == scope.RequiredTenantId)
                .Where(occurred => request.EventType == null || occurred.EventType == request.EventType)
                .Where(occurred => request.Severity == null || occurred.Severity == request.Severity);
            if (request.Cursor is { } cursor && Paging.TryDecode(cursor, out var last))
            {
                // Ids made by the database are not of version 7, so the time goes before them; the cursor is the last row's id.
                if (await CreatedAsync(last, ct) is not { } created)
                {
                    return Problems.Malformed("cursor", "'cursor' must be the nextCursor of a page.");
                }

                events = events.Where(occurred => EF.Functions.LessThan(
                    ValueTuple.Create(occurred.Created, occurred.Id), ValueTuple.Create(created, last)));
            }

            return TypedResults.Ok(await PageOfAsync(events, request, ct));
        }

        private Task<DateTimeOffset?> CreatedAsync(Guid id, CancellationToken ct) => db.Events
            .Where(occurred => occurred.Id == id)
            .Select(occurred => (DateTimeOffset?)occurred.Created)
            .SingleOrDefaultAsync(ct);

        private static Task<Page<Item>> PageOfAsync(IQueryable<SecurityEvent> events, Request request, CancellationToken ct) => events
            .OrderByDescending(occurred => occurred.Created).ThenByDescending(occurred => occurred.Id)
            .Select(occurred => new Item(
                occurred.Id, occurred.EventType, occurred.Severity, occurred.Success, occurred.FailureReason, occurred.UserId,
                occurred.IpAddress == null ? null : occurred.IpAddress.ToString(), occurred.UserAgent, occurred.Created))
            .CutPageAsync(request, item => item.Id, ct);
    }
}
