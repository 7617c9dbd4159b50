using System.Net;
using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PenguinMails.Security.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Security.Features;

/// <summary>Keeps what happened, and raises an alert where it is grave or piles up.</summary>
internal sealed class RecordSecurityAct(SecurityDb db, ILogger<RecordSecurityAct> log) : INotificationHandler<SecurityAct>
{
    public async Task Handle(SecurityAct act, CancellationToken ct)
    {
        try
        {
            // Not the request's token: who hangs up is recorded all the same.
            await RecordAsync(act);
        }
        catch (Exception exception)
        {
            // Whether a person gets in must not hang on the record of it.
            log.LogError(exception, "{Kind} of user {UserId} was not recorded.", act.Kind, act.UserId);
        }
    }

    private async Task RecordAsync(SecurityAct act)
    {
        var (kind, severity) = (SnakeCase.Of(act.Kind), SeverityOf(act.Kind));
        if (act.Failure is { } reason)
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                SELECT alert_security_incident({kind}, {severity}, {reason}, {act.TenantId}::uuid, {act.UserId}::uuid, {AddressOf(act)}::inet)
                """,
                CancellationToken.None);
            return;
        }

        db.Events.Add(new SecurityEvent
        {
            Id = Guid.CreateVersion7(),
            EventType = kind,
            Severity = severity,
            UserId = act.UserId,
            TenantId = act.TenantId,
            IpAddress = AddressOf(act),
            UserAgent = act.UserAgent,
            ResourceType = act.ResourceType,
            ResourceId = act.ResourceId,
            Success = true,
            Metadata = act.Details is null ? null : JsonSerializer.Serialize(act.Details),
        });
        await db.SaveChangesAsync(CancellationToken.None);
    }

    private static string SeverityOf(SecurityActKind kind) => kind switch
    {
        SecurityActKind.BruteForceDetected => SecurityEvent.Critical,
        SecurityActKind.CrossTenantAccessAttempt => SecurityEvent.High,
        SecurityActKind.AccountLocked or SecurityActKind.TwoFactorDisabled or SecurityActKind.WebhookSignatureInvalid
            or SecurityActKind.StaffElevation or SecurityActKind.ConfigSensitiveRead => SecurityEvent.Medium,
        _ => SecurityEvent.Low,
    };

    // A socket for both families shows IPv4 as ::ffff:a.b.c.d: the same address must not count as two.
    private static IPAddress? AddressOf(SecurityAct act) =>
        act.Address is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : act.Address;
}
