using System.Net;
using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>Somebody did, or tried, something that matters for security. Published after the fact; Security records it.</summary>
public sealed record SecurityAct(SecurityActKind Kind) : INotification
{
    /// <summary>The person it was done by or with, where one is known.</summary>
    public Guid? UserId { get; init; }

    /// <summary>The tenant it concerns, where there is one.</summary>
    public Guid? TenantId { get; init; }

    /// <summary>Where the request came from; null for a job.</summary>
    public IPAddress? Address { get; init; }

    public string? UserAgent { get; init; }

    /// <summary>What it was done to, such as <c>api_key</c>.</summary>
    public string? ResourceType { get; init; }

    public string? ResourceId { get; init; }

    /// <summary>Why it was refused; null where it succeeded.</summary>
    public string? Failure { get; init; }

    /// <summary>More about it, such as old and new values. Never a secret.</summary>
    public IReadOnlyDictionary<string, string>? Details { get; init; }
}

/// <summary>The types of security events, by the names of domain.md in Pascal case.</summary>
public enum SecurityActKind
{
    LoginSucceeded,
    LoginFailed,
    AccountLocked,
    BruteForceDetected,
    PasswordChanged,
    TwoFactorEnabled,
    TwoFactorDisabled,
    SessionRevoked,
    RoleChanged,
    PermissionDenied,
    CrossTenantAccessAttempt,
    ApiKeyCreated,
    ApiKeyRevoked,
    ApiRateLimitExceeded,
    WebhookSignatureInvalid,
    StaffCrossTenantRead,
    StaffElevation,
    PolicyChanged,
    DataExported,
    ConfigSensitiveRead,
}
