namespace PenguinMails.Tenancy;

/// <summary>How a person proves who they are. Identity's services change it, through <see cref="Accounts.AccountStore"/>.</summary>
internal sealed class UserCredential
{
    public required Guid UserId { get; init; }

    /// <summary>The address that logs in, in lower case.</summary>
    public required string Email { get; set; }
    public required string PasswordHash { get; set; }

    /// <summary>Wrong passwords and codes since the last log-in or lock.</summary>
    public int FailedAttempts { get; private set; }
    public DateTimeOffset? LockedUntil { get; set; }
    public bool TwoFactorEnabled { get; set; }

    /// <summary>Sealed by Data Protection.</summary>
    public byte[]? AuthenticatorKey { get; set; }

    /// <summary>SHA-256 of each recovery code that is not used yet, in hexadecimal.</summary>
    public string[] RecoveryCodes { get; set; } = [];

    /// <summary>The authenticator's codes that were accepted lately, the last one first; none is accepted again.</summary>
    public string? LastCode { get; private set; }
    public DateTimeOffset? LastCodeUsed { get; private set; }

    /// <summary>When the account is anonymised; null unless its person asked for it.</summary>
    public DateTimeOffset? DeleteAfter { get; set; }
}
