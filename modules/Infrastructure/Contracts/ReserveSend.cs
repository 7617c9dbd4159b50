using MediatR;

namespace PenguinMails.Infrastructure.Contracts;

/// <summary>Takes some of a mailbox's sends of today (UTC), before the messages are sent. Parallel callers never exceed the limit.</summary>
/// <param name="MinGapSeconds">Least time between two sends of the mailbox, in seconds; above 0 only one is granted at a time.</param>
/// <param name="Wanted">How many; 1 or more.</param>
public sealed record ReserveSend(Guid EmailAccountId, int MinGapSeconds, int Wanted = 1) : IRequest<SendReservation>;

/// <summary>How many sends were granted. What is granted and then not sent is not given back.</summary>
/// <param name="Granted">0 to the wanted number.</param>
/// <param name="RetryAt">When to ask for the rest; null when all were granted.</param>
/// <param name="Reason">Why not all, in one sentence.</param>
public sealed record SendReservation(int Granted, DateTimeOffset? RetryAt, string? Reason);
