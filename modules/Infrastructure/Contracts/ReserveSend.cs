using MediatR;

namespace PenguinMails.Infrastructure.Contracts;

/// <summary>
/// Takes one of a mailbox's sends of today (UTC) and starts its gap anew. Whatever number of callers ask at once, a day's
/// grants never exceed the mailbox's limit and no two are closer than the gap. A grant is not given back.
/// </summary>
/// <param name="EmailAccountId">One of the current tenant's.</param>
/// <param name="MinGapSeconds">Seconds since the mailbox's previous grant; 0 for none. It stands in for the mailbox's own.</param>
public sealed record ReserveSend(Guid EmailAccountId, int MinGapSeconds) : IRequest<SendReservation>;

/// <summary>The answer to <see cref="ReserveSend"/>.</summary>
/// <param name="RetryAt">
/// Null when granted. Else when to ask again: after the gap, at the next UTC midnight when the day is used up, or in 15
/// minutes when the mailbox is not active or there is none of that id.
/// </param>
/// <param name="Reason">One sentence for people: why not; null when granted.</param>
public sealed record SendReservation(DateTimeOffset? RetryAt, string? Reason)
{
    /// <summary>May send now.</summary>
    public bool Granted => RetryAt is null;
}
