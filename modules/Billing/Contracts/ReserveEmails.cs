using MediatR;

namespace PenguinMails.Billing.Contracts;

/// <summary>
/// Takes messages out of what the current tenant has left of its month (UTC), before they are sent. However many hosts ask at once, they
/// never get more together than there is. What is not settled within an hour is free again.
/// </summary>
/// <param name="Wanted">How many at most; not negative.</param>
public sealed record ReserveEmails(int Wanted) : IRequest<EmailReservation>;

/// <param name="Id">To be settled by.</param>
/// <param name="Granted">How many may be sent: none where the month is used up or the subscription is not in force.</param>
public sealed record EmailReservation(Guid Id, int Granted);

/// <summary>Counts what was sent of a reservation as used; the rest of it is free again.</summary>
/// <param name="Reservation">Its id.</param>
/// <param name="Sent">Messages that a server accepted; not negative.</param>
public sealed record SettleEmails(Guid Reservation, int Sent) : IRequest;
