using System.Net;
using FastEndpoints;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Security.Data;
using PenguinMails.Shared.Http;

namespace PenguinMails.Security.Features;

/// <summary>What events are asked for by, by tenants and staff alike.</summary>
internal abstract record SecurityEventRequest : IPageRequest
{
    [QueryParam]
    public string? EventType { get; init; }

    [QueryParam]
    public string? Severity { get; init; }

    [QueryParam]
    public Guid? UserId { get; init; }

    [QueryParam]
    public string? IpAddress { get; init; }

    [QueryParam]
    public bool? Success { get; init; }

    [QueryParam]
    public string? ResourceType { get; init; }

    /// <summary>The earliest.</summary>
    [QueryParam]
    public DateTimeOffset? From { get; init; }

    /// <summary>The first that is too late.</summary>
    [QueryParam]
    public DateTimeOffset? To { get; init; }

    [QueryParam]
    public int? Limit { get; init; }

    [QueryParam]
    public string? Cursor { get; init; }
}

internal abstract class SecurityEventRequestValidator<T> : PageValidator<T> where T : SecurityEventRequest
{
    protected SecurityEventRequestValidator()
    {
        RuleFor(request => request.EventType).MaximumLength(50);
        RuleFor(request => request.ResourceType).MaximumLength(50);
        RuleFor(request => request.IpAddress).Must(address => address is null || IPAddress.TryParse(address, out _))
            .WithMessage("'ipAddress' must be an address.");
        RuleFor(request => request.Severity)
            .Must(severity => severity is null or SecurityEvent.Low or SecurityEvent.Medium or SecurityEvent.High or SecurityEvent.Critical)
            .WithMessage("'severity' must be low, medium, high or critical.");
    }
}

internal sealed record SecurityEventItem(
    Guid Id, string EventType, string Severity, bool Success, string? FailureReason, Guid? TenantId, Guid? UserId, string? IpAddress,
    string? UserAgent, string? Action, string? ResourceType, string? ResourceId, DateTimeOffset Created);

/// <summary>Pages of events, newest first.</summary>
internal static class SecurityEventPages
{
    /// <summary>One page of what the request asks for.</summary>
    /// <returns>Null where the cursor is no event's that can be seen.</returns>
    public static async Task<Page<SecurityEventItem>?> PageAsync(
        this SecurityDb db, IQueryable<SecurityEvent> events, SecurityEventRequest request, CancellationToken ct)
    {
        events = Filter(events, request);
        if (request.Cursor is { } cursor && Paging.TryDecode(cursor, out var last))
        {
            // Ids made by the database are not of version 7, so the time goes before them; the cursor is the last row's id.
            var created = await db.Events.Where(occurred => occurred.Id == last)
                .Select(occurred => (DateTimeOffset?)occurred.Created).SingleOrDefaultAsync(ct);
            if (created is null)
            {
                return null;
            }

            events = events.Where(occurred => EF.Functions.LessThan(
                ValueTuple.Create(occurred.Created, occurred.Id), ValueTuple.Create(created.Value, last)));
        }

        return await events
            .OrderByDescending(occurred => occurred.Created).ThenByDescending(occurred => occurred.Id)
            .Select(occurred => new SecurityEventItem(
                occurred.Id, occurred.EventType, occurred.Severity, occurred.Success, occurred.FailureReason, occurred.TenantId, occurred.UserId,
                occurred.IpAddress == null ? null : occurred.IpAddress.ToString(), occurred.UserAgent, occurred.ActionAttempted,
                occurred.ResourceType, occurred.ResourceId, occurred.Created))
            .CutPageAsync(request, item => item.Id, ct);
    }

    private static IQueryable<SecurityEvent> Filter(IQueryable<SecurityEvent> events, SecurityEventRequest request)
    {
        var address = request.IpAddress is null ? null : IPAddress.Parse(request.IpAddress);
        // PostgreSQL takes times in UTC only.
        var (from, to) = (request.From?.ToUniversalTime(), request.To?.ToUniversalTime());
        return events
            .Where(occurred => request.EventType == null || occurred.EventType == request.EventType)
            .Where(occurred => request.Severity == null || occurred.Severity == request.Severity)
            .Where(occurred => request.UserId == null || occurred.UserId == request.UserId)
            .Where(occurred => address == null || occurred.IpAddress == address)
            .Where(occurred => request.Success == null || occurred.Success == request.Success)
            .Where(occurred => request.ResourceType == null || occurred.ResourceType == request.ResourceType)
            .Where(occurred => from == null || occurred.Created >= from)
            .Where(occurred => to == null || occurred.Created < to);
    }
}
