using PenguinMails.Shared.Database;

namespace PenguinMails.Shared;

/// <summary>
/// Whom the current unit of work acts for. One per service scope: a request takes it from its token, a job enters it by hand.
/// Every database command carries it, and PostgreSQL shows no tenant row while it is empty.
/// </summary>
public sealed class TenantScope
{
    /// <summary>The tenant, or null before log-in.</summary>
    public Guid? TenantId { get; private set; }

    /// <summary>The person, or null for jobs and programs.</summary>
    public Guid? UserId { get; private set; }

    /// <summary>The pool that the unit of work takes its connections from.</summary>
    public PoolName Pool { get; internal set; } = PoolName.Primary;

    /// <summary>The tenant, where the caller's policy has already asked for one.</summary>
    /// <exception cref="InvalidOperationException">No tenant has been entered.</exception>
    public Guid RequiredTenantId => TenantId ?? throw new InvalidOperationException("No tenant has been entered.");

    /// <summary>Acts from now on for this tenant and user.</summary>
    public void Enter(Guid? tenantId, Guid? userId = null)
    {
        TenantId = tenantId;
        UserId = userId;
    }
}
