using MediatR;
using MimeKit;

namespace PenguinMails.Infrastructure.Contracts;

/// <summary>
/// Asks for a place at the outgoing server of one of the current tenant's mailboxes, for messages that leave one after the other. Waits until
/// the mailbox may have one more connection; the caller disposes of the place soon. Asks neither for a reservation nor whether the mailbox is usable.
/// </summary>
/// <param name="SmtpIpAddressId">The platform's address that the messages leave from, as <see cref="ReserveSend"/> said; null: the mailbox's own server.</param>
public sealed record OpenOutlet(Guid EmailAccountId, Guid? SmtpIpAddressId) : IRequest<MailOutlet>;

/// <summary>A place at a mailbox's outgoing server. One message at a time.</summary>
public abstract class MailOutlet : IAsyncDisposable
{
    private protected MailOutlet()
    {
    }

    /// <summary>Sees to it that a connection stands, logged in, which the next message can leave by.</summary>
    /// <returns>One sentence on why there is none; null where it stands.</returns>
    public abstract Task<string?> ReadyAsync(CancellationToken ct);

    /// <summary>Encodes the message for 7 bits and gives it the DKIM signature of the mailbox's domain. After <see cref="ReadyAsync"/>.</summary>
    /// <param name="message">With From, To, Date and Message-ID. It is changed.</param>
    public abstract void Sign(MimeMessage message);

    /// <summary>
    /// Hands over one signed message. Cancelling gives up at once only until the message's text is on its way; from then on the server's answer is
    /// awaited, 10 minutes at most (RFC 5321, 4.5.3.2.6), or 5 seconds where it is cancelled.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled, and nothing was sent.</exception>
    public abstract Task<SendOutcome> SendAsync(MimeMessage message, CancellationToken ct);

    /// <summary>Gives the connection back for others to use.</summary>
    public abstract ValueTask DisposeAsync();
}
