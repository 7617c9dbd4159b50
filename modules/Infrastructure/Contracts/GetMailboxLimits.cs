using MediatR;

namespace PenguinMails.Infrastructure.Contracts;

/// <summary>What the current tenant's mailboxes with these ids may send a day, in no order. Ids that are unknown are left out.</summary>
public sealed record GetMailboxLimits(IReadOnlyCollection<Guid> Ids) : IRequest<IReadOnlyList<MailboxLimit>>;

/// <summary>A mailbox's day, as far as it can be foreseen: its ramp and health may change it.</summary>
/// <param name="PerDay">Messages a day (UTC), at the moment.</param>
/// <param name="UsedToday">Of today's.</param>
public sealed record MailboxLimit(Guid EmailAccountId, int PerDay, int UsedToday);
