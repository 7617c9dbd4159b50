using MediatR;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tenancy.Access;

internal sealed class AccessChangedHandler(ChangeFeed changes) : INotificationHandler<AccessChanged>
{
    public Task Handle(AccessChanged changed, CancellationToken ct) => changes.TellAsync(changed.Subject);
}
