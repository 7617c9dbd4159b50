using MediatR;
using MimeKit;

namespace PenguinMails.Infrastructure.Contracts;

/// <summary>
/// Hands one message to the outgoing server of a mailbox, signed with its domain's DKIM key. Asks neither for a reservation
/// nor whether the mailbox is usable. Cancelling gives up only until the message's text is on its way; from then on the
/// server's answer is awaited, 10 minutes at most (RFC 5321, 4.5.3.2.6).
/// </summary>
/// <param name="EmailAccountId">One of the current tenant's.</param>
/// <param name="Message">With From, To, Date and Message-ID. It is changed: encoded for 7 bits and given its signature.</param>
/// <param name="SmtpIpAddressId">The platform's address that it leaves from, as <see cref="ReserveSend"/> said; null: the mailbox's own server.</param>
/// <exception cref="OperationCanceledException">Cancelled, and nothing was sent.</exception>
public sealed record SendMail(Guid EmailAccountId, MimeMessage Message, Guid? SmtpIpAddressId = null) : IRequest<SendOutcome>;

/// <summary>What became of a message.</summary>
/// <param name="Reply">The server's reply with its code (<c>250 2.0.0 Ok</c>), or one sentence on what went wrong.</param>
public sealed record SendOutcome(SendResult Result, string Reply);

/// <summary>What a sender does next depends on this.</summary>
public enum SendResult
{
    /// <summary>250 after the final dot: the server has it.</summary>
    Accepted,

    /// <summary>4xx: not now. Safe to repeat later.</summary>
    Deferred,

    /// <summary>5xx to the recipient or the text: not ever.</summary>
    Rejected,

    /// <summary>
    /// The mailbox's trouble, never the lead's: connection, TLS or log-in failed, or the server refused the sender (5xx or 421 to MAIL),
    /// before the text went out. Safe to repeat.
    /// </summary>
    Unreachable,

    /// <summary>The connection was lost after the text began to go out: it may or may not be delivered. Never repeat unasked.</summary>
    InDoubt,
}
