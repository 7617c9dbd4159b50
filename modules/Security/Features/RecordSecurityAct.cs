using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PenguinMails.Security.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Security.Features;

/// <summary>Keeps what happened, and then raises an alert where it is grave or piles up.</summary>
internal sealed class RecordSecurityAct(
    SecurityDb db, IHttpContextAccessor http, IOptions<SecurityOptions> options, ILogger<RecordSecurityAct> log) : INotificationHandler<SecurityAct>
{
    public async Task Handle(SecurityAct act, CancellationToken ct)
    {
        try
        {
            // Not the request's token: who hangs up is recorded all the same. The event is committed before anything is made of it.
            var id = await RecordAsync(act);
            await AlertAsync(id, act);
        }
        catch (Exception exception)
        {
            // Whether a person gets in must not hang on the record of it.
            log.LogError(exception, "{Kind} of user {UserId} was not recorded, or not looked at.", act.Kind, act.UserId);
        }
    }

    /// <summary>How grave an event is by itself.</summary>
    public static string SeverityOf(SecurityActKind kind) => kind switch
    {
        SecurityActKind.BruteForceDetected => SecurityEvent.Critical,
        SecurityActKind.CrossTenantAccessAttempt => SecurityEvent.High,
        SecurityActKind.AccountLocked or SecurityActKind.TwoFactorDisabled or SecurityActKind.WebhookSignatureInvalid
            or SecurityActKind.StaffElevation or SecurityActKind.ConfigSensitiveRead => SecurityEvent.Medium,
        _ => SecurityEvent.Low,
    };

    private async Task<Guid> RecordAsync(SecurityAct act)
    {
        var (id, kind, severity) = (Guid.CreateVersion7(), SnakeCase.Of(act.Kind), SeverityOf(act.Kind));
        var details = act.Details is null ? null : JsonSerializer.Serialize(act.Details);
        // What was done to nothing else was done to the person's own account.
        var (type, resource) = act.ResourceType is null && act.UserId is { } person ? ("user", person.ToString()) : (act.ResourceType, act.ResourceId);
        var isSuccess = act.Failure is null;
        await db.Database.ExecuteSqlAsync(
            $"""
            SELECT record_security_event({id}, {kind}, {severity}, {isSuccess}, {act.Failure}, {act.TenantId}::uuid, {act.UserId}::uuid,
                {act.Address.Unmapped()}::inet, {act.UserAgent}, {type}, {resource}, {ActionOf(http.HttpContext)}, {details}::jsonb)
            """,
            CancellationToken.None);
        return id;
    }

    private async Task AlertAsync(Guid id, SecurityAct act)
    {
        var limits = options.Value;
        var hindrance = await db.Database.SqlQuery<string?>(
            $"""
            SELECT alert_security_event({id}, {limits.BruteForceMinutes}, {limits.FailuresPerAddress}, {limits.FailuresPerUser},
                {limits.FailuresPerTenant}) AS "Value"
            """).SingleAsync(CancellationToken.None);
        if (hindrance is not null)
        {
            log.LogError("The alert of {Kind}, event {EventId}, was not raised: {Hindrance}.", act.Kind, id, hindrance);
        }
    }

    // The route, not the path: a path may hold what is nobody's business.
    private static string? ActionOf(HttpContext? http) =>
        http?.GetEndpoint() is RouteEndpoint endpoint ? $"{http.Request.Method} /{endpoint.RoutePattern.RawText?.TrimStart('/')}" : null;
}
