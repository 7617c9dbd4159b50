using MediatR;

namespace PenguinMails.Infrastructure.Contracts;

/// <summary>
/// Lets go of one of the current tenant's mailboxes that is about to be deleted; Campaigns answers. Campaigns that are completed forget
/// it; while others need it, nothing changes.
/// </summary>
/// <returns>The names of the campaigns that need it, at most ten; none: it may be deleted.</returns>
public sealed record ReleaseMailbox(Guid EmailAccountId) : IRequest<IReadOnlyList<string>>;
