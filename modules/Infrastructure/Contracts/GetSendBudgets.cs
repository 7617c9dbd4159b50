using MediatR;

namespace PenguinMails.Infrastructure.Contracts;

/// <summary>
/// How much the current tenant's mailboxes may send now. Only a forecast, which takes nothing: <see cref="ReserveSend"/> decides.
/// </summary>
/// <param name="MinGapSeconds">Least time between two sends of a mailbox, in seconds.</param>
public sealed record GetSendBudgets(IReadOnlyCollection<Guid> EmailAccountIds, int MinGapSeconds) : IRequest<IReadOnlyList<SendBudget>>;

/// <summary>What a mailbox may send.</summary>
/// <param name="Free">Messages now.</param>
/// <param name="ReadyAt">When there is room again; now where there is.</param>
/// <param name="Reason">For people: why there is none; null where there is.</param>
public sealed record SendBudget(Guid EmailAccountId, int Free, DateTimeOffset ReadyAt, string? Reason);
