using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>Closes any tenant to its people and programs, or opens it again, at once on all hosts. For staff, and for who is no longer a customer.</summary>
/// <param name="Reason">Of a suspension: the tenant's people read it.</param>
public sealed record ChangeTenant(Guid TenantId, TenantChange Change, string? Reason = null) : IRequest<TenantChangeResult>;

public enum TenantChange
{
    /// <summary>People are kept out, keys open nothing, and nothing is sent.</summary>
    Suspend,

    /// <summary>Ends a suspension.</summary>
    Reopen,

    /// <summary>Nobody gets in any more, and after the time of grace it is purged, as if its owner had deleted it.</summary>
    Delete,

    /// <summary>Takes back the deletion of a tenant that has not been purged.</summary>
    Restore,
}

public enum TenantChangeResult
{
    Done,
    NotFound,

    /// <summary>It is so already, or there is nothing to end or to take back.</summary>
    OutOfPlace,
}
