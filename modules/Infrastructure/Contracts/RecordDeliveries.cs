using MediatR;

namespace PenguinMails.Infrastructure.Contracts;

/// <summary>
/// Counts what became of the current tenant's messages, for the reputation of their mailboxes and addresses: once for a batch, not for
/// each message, since all count on the same few rows.
/// </summary>
public sealed record RecordDeliveries(IReadOnlyList<Delivery> Deliveries) : IRequest;

/// <summary>Something that happened to some messages of a mailbox.</summary>
/// <param name="SmtpIpAddressId">The address they left from; null: the mailbox's own server.</param>
/// <param name="RecipientDomain">In ASCII.</param>
/// <param name="Count">1 or more.</param>
public sealed record Delivery(Guid EmailAccountId, Guid? SmtpIpAddressId, string RecipientDomain, DeliveryKind Kind, int Count = 1);

/// <summary>What happened; percentages are of what was sent.</summary>
public enum DeliveryKind
{
    /// <summary>Handed over: accepted, or refused for good, which besides counts as bounced.</summary>
    Sent,

    /// <summary>Not now (4xx).</summary>
    Deferred,

    /// <summary>Refused for good, at once or by a notice later on.</summary>
    Bounced,

    /// <summary>Reported as spam.</summary>
    Complained,

    /// <summary>Opened for the first time.</summary>
    Opened,

    /// <summary>A link was followed for the first time.</summary>
    Clicked,

    /// <summary>Answered by a person.</summary>
    Replied,
}
