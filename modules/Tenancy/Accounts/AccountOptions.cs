using System.ComponentModel.DataAnnotations;

namespace PenguinMails.Tenancy.Accounts;

/// <summary>Section <c>Accounts</c>.</summary>
internal sealed record AccountOptions
{
    public const string Section = "Accounts";

    /// <summary>How long an access token opens anything without being refreshed.</summary>
    [Range(1, 60)]
    public int AccessTokenMinutes { get; init; } = 15;

    /// <summary>How long an account stays locked after too many wrong passwords.</summary>
    [Range(1, 1440)]
    public int LockMinutes { get; init; } = 15;

    /// <summary>For verifying an address and for a new one.</summary>
    [Range(1, 168)]
    public int VerificationHours { get; init; } = 24;

    [Range(1, 1440)]
    public int PasswordResetMinutes { get; init; } = 60;

    [Range(1, 60)]
    public int InvitationDays { get; init; } = 7;

    /// <summary>From the wish to be deleted to the deletion, for people and tenants.</summary>
    [Range(0, 365)]
    public int DeletionDays { get; init; } = 30;

    /// <summary>
    /// The page that links in mail lead to; the token follows behind <c>#</c>, where no server logs it. Absent: the host's own
    /// page below <c>Sending:PublicUrl</c>.
    /// </summary>
    [Url]
    public string? PageUrl { get; init; }
}
