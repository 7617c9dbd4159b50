namespace PenguinMails.Tenancy;

/// <summary>A person; may belong to many tenants. The table keeps its Nile shape, credentials live beside it.</summary>
internal sealed class User
{
    public required Guid Id { get; init; }
    public required string Name { get; set; }
    public required string Email { get; set; }
    public DateTimeOffset? EmailVerified { get; set; }
}

/// <summary>How a person proves who they are.</summary>
internal sealed class UserCredential
{
    public required Guid UserId { get; init; }
    public required string Email { get; set; }
    public required string PasswordHash { get; set; }

    /// <summary>How long an account stays locked after too many wrong passwords.</summary>
    public static readonly TimeSpan LockTime = TimeSpan.FromMinutes(15);

    /// <summary>Wrong passwords since the last log-in or lock.</summary>
    public int FailedAttempts { get; private set; }
    public DateTimeOffset? LockedUntil { get; private set; }

    public void Succeed()
    {
        FailedAttempts = 0;
        LockedUntil = null;
    }
}

/// <summary>One log-in of one person; its refresh token is kept as a hash only.</summary>
internal sealed class UserSession
{
    public required Guid Id { get; init; }
    public required Guid UserId { get; init; }
    public required Guid? TenantId { get; init; }
    public required Guid FamilyId { get; init; }
    public required byte[] RefreshTokenHash { get; init; }
    public System.Net.IPAddress? IpAddress { get; init; }
    public string? UserAgent { get; init; }
    public required DateTimeOffset Created { get; init; }
    public required DateTimeOffset Expires { get; init; }
}

internal sealed class UserPreferences
{
    public required Guid Id { get; init; }
    public required Guid UserId { get; init; }
}
