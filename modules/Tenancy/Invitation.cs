namespace PenguinMails.Tenancy;

/// <summary>Asks somebody into a tenant. Until it is accepted, and approved where that is needed, they have no role there.</summary>
internal sealed class Invitation
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public Guid? CompanyId { get; init; }
    public required string Email { get; init; }
    public required string[] Roles { get; init; }

    /// <summary>Of no token at all until the mail goes out.</summary>
    public required byte[] TokenHash { get; set; }
    public required Guid? InvitedBy { get; init; }
    public required DateTimeOffset Created { get; init; }
    public required DateTimeOffset Expires { get; set; }
    public bool NeedsApproval { get; init; }
    public DateTimeOffset? Accepted { get; private set; }
    public Guid? AcceptedBy { get; private set; }
    public DateTimeOffset? Approved { get; private set; }
    public Guid? ApprovedBy { get; private set; }
    public DateTimeOffset? Revoked { get; private set; }

    public bool IsApproved => !NeedsApproval || Approved is not null;

    public bool IsOpen(DateTimeOffset now) => Accepted is null && Revoked is null && Expires > now;

    public void Accept(Guid userId, DateTimeOffset now) => (Accepted, AcceptedBy) = (now, userId);

    public void Approve(Guid userId, DateTimeOffset now) => (Approved, ApprovedBy) = (now, userId);

    public void Revoke(DateTimeOffset now) => Revoked = now;

    public string StatusAt(DateTimeOffset now) =>
        Revoked is not null ? "revoked"
        : Accepted is not null ? (IsApproved ? "accepted" : "awaiting_approval")
        : Expires <= now ? "expired"
        : "pending";
}
