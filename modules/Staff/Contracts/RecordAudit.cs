using MediatR;

namespace PenguinMails.Staff.Contracts;

/// <summary>
/// Writes into the audit log what the current person of the staff does; the row is durable when the request returns. Requests to
/// <c>/staff</c> are recorded by themselves: this is for what a change was from and to.
/// </summary>
/// <param name="Action">What is done, such as <c>pools.update</c>; at most 100 characters.</param>
/// <param name="ResourceType">What it is done to, such as <c>connection_pool</c>; at most 50 characters.</param>
/// <param name="ResourceId">Which one; at most 255 characters.</param>
public sealed record RecordAudit(string Action, string? ResourceType = null, string? ResourceId = null) : IRequest
{
    /// <summary>The tenant whose rows are concerned; null where it is the platform's own.</summary>
    public Guid? TenantId { get; init; }

    public string? Reason { get; init; }

    /// <summary>More about it, such as old and new values. Never a secret.</summary>
    public IReadOnlyDictionary<string, string?>? Details { get; init; }
}
