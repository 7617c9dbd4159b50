using System.Net;

namespace PenguinMails.Tenancy;

/// <summary>
/// One refresh token of a session; the session is the family of them, of which one is unspent. Kept as a hash only. Ending a
/// session deletes its rows.
/// </summary>
internal sealed class UserSession
{
    public required Guid Id { get; init; }
    public required Guid UserId { get; init; }

    /// <summary>Null for a person who belongs to no tenant.</summary>
    public required Guid? TenantId { get; init; }

    /// <summary>The session.</summary>
    public required Guid FamilyId { get; init; }

    /// <summary>When its person proved who they are; switching the tenant and refreshing do not move it.</summary>
    public required DateTimeOffset LoggedIn { get; init; }
    public required byte[] RefreshTokenHash { get; init; }
    public IPAddress? IpAddress { get; init; }
    public string? UserAgent { get; init; }
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it was exchanged for its successor.</summary>
    public DateTimeOffset? LastUsed { get; private set; }
    public required DateTimeOffset Expires { get; init; }
}
