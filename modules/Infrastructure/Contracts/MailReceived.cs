using MediatR;

namespace PenguinMails.Infrastructure.Contracts;

/// <summary>
/// A message has come into a mailbox's inbox. Published for one after the other, in order of their uids, within the scope of the mailbox's
/// tenant. Whoever handles it makes it last before returning: only then is the message passed by. It may come again (the host died
/// meanwhile, or a handler failed), under the same mailbox, <paramref name="UidValidity"/> and <paramref name="Uid"/>.
/// </summary>
/// <param name="Received">When the server took it (INTERNALDATE).</param>
/// <param name="Raw">The message as it came (RFC 5322).</param>
public sealed record MailReceived(
    Guid TenantId, Guid EmailAccountId, string EmailAddress, long UidValidity, long Uid, DateTimeOffset Received, ReadOnlyMemory<byte> Raw) : INotification;
