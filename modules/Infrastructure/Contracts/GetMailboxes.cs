using MediatR;

namespace PenguinMails.Infrastructure.Contracts;

/// <summary>
/// The current tenant's mailboxes with these ids, in no order. Ids that are unknown or another tenant's are left out.
/// </summary>
public sealed record GetMailboxes(IReadOnlyCollection<Guid> Ids) : IRequest<IReadOnlyList<MailboxDetails>>;

/// <summary>A mailbox as other modules see it.</summary>
/// <param name="Email">The address mail is sent from.</param>
/// <param name="DisplayName">The name beside it in From; null for none.</param>
/// <param name="Domain">The domain of the address, in its ASCII form.</param>
/// <param name="Usable">True when the mailbox is active and its domain is verified.</param>
/// <param name="Problem">One sentence for people: why it is not usable; null when it is.</param>
/// <param name="LaunchProblem">One sentence for people: why no campaign may begin with it, though what runs goes on; null when one may.</param>
public sealed record MailboxDetails(
    Guid Id, string Email, string? DisplayName, string Domain, bool Usable, string? Problem, string? LaunchProblem)
{
    /// <summary>The name at its domain that links of its messages may lead through, as an alias of the platform's; null where there is none that is verified.</summary>
    public string? TrackingHost { get; init; }
}
