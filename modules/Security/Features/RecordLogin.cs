using System.Net;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PenguinMails.Security.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Security.Features;

/// <summary>Keeps every log-in, and raises an alert where failures pile up.</summary>
internal sealed class RecordLogin(SecurityDb db, ILogger<RecordLogin> log) : INotificationHandler<LoginAttempted>
{
    public async Task Handle(LoginAttempted attempt, CancellationToken ct)
    {
        try
        {
            // Not the request's token: who hangs up is recorded all the same.
            await (attempt.Failure is { } reason ? FailedAsync(attempt, reason) : SucceededAsync(attempt));
        }
        catch (Exception exception)
        {
            // Whether a person gets in must not hang on the record of it.
            log.LogError(exception, "A log-in of user {UserId} was not recorded.", attempt.UserId);
        }
    }

    private Task SucceededAsync(LoginAttempted attempt)
    {
        db.Events.Add(new SecurityEvent
        {
            Id = Guid.CreateVersion7(),
            EventType = SecurityEvent.LoginSucceeded,
            Severity = SecurityEvent.Low,
            UserId = attempt.UserId,
            TenantId = attempt.TenantId,
            IpAddress = AddressOf(attempt),
            UserAgent = attempt.UserAgent,
            Success = true,
        });
        return db.SaveChangesAsync(CancellationToken.None);
    }

    private Task FailedAsync(LoginAttempted attempt, string reason) => db.Database.ExecuteSqlAsync(
        $"""
        SELECT alert_security_incident({SecurityEvent.LoginFailed}, {SecurityEvent.Low}, {reason},
            {attempt.TenantId}::uuid, {attempt.UserId}::uuid, {AddressOf(attempt)}::inet)
        """,
        CancellationToken.None);

    // A socket for both families shows IPv4 as ::ffff:a.b.c.d: the same address must not count as two.
    private static IPAddress? AddressOf(LoginAttempted attempt) =>
        attempt.Address is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : attempt.Address;
}
