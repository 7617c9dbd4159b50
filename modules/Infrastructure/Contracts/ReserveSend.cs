using MediatR;

namespace PenguinMails.Infrastructure.Contracts;

/// <summary>
/// Takes some of a mailbox's sends of today (UTC), before the messages are sent, and where it sends from the platform's addresses also of
/// theirs. Parallel callers never exceed a limit. What is granted and then not sent is not given back.
/// </summary>
/// <param name="MinGapSeconds">Least time between two sends of the mailbox, in seconds; above 0 only one is granted at a time.</param>
/// <param name="Recipients">The domain of each message's recipient, in ASCII; whose turn comes first, first.</param>
/// <returns>An answer for each recipient, in order.</returns>
public sealed record ReserveSend(Guid EmailAccountId, int MinGapSeconds, IReadOnlyList<string> Recipients) : IRequest<IReadOnlyList<SendTurn>>;

/// <summary>Whether a message may be sent now.</summary>
/// <param name="Granted">May it?</param>
/// <param name="SmtpIpAddressId">The address that it leaves from; null: from the mailbox's own server.</param>
/// <param name="RetryAt">When to ask again; null when it may.</param>
/// <param name="Reason">Why not, in one sentence.</param>
public sealed record SendTurn(bool Granted, Guid? SmtpIpAddressId, DateTimeOffset? RetryAt, string? Reason)
{
    /// <summary>Yes.</summary>
    public static SendTurn From(Guid? addressId) => new(true, addressId, null, null);

    /// <summary>Not before.</summary>
    public static SendTurn At(DateTimeOffset retryAt, string reason) => new(false, null, retryAt, reason);
}
